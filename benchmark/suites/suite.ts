import type { ServerBinary } from '@redis-keyspace/test-utils';

/** What a suite is given. */
export interface SuiteContext {
  /** Fewer rounds and shorter streams: for a first look, not for the record. */
  readonly quick: boolean;
  /** The server for what needs a real one. */
  readonly server: ServerBinary;
  /** Says what goes on, while nothing else is shown. */
  progress(text: string): void;
}

/** What was to be reached, and whether it was. */
export interface Goal {
  readonly text: string;
  readonly met: boolean;
}

export interface SuiteResult {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly goals: readonly Goal[];
}

export type Suite = (context: SuiteContext) => Promise<SuiteResult>;

/** A goal that a figure must not exceed. */
export function atMost(
  what: string,
  figure: number,
  limit: number,
  format: (value: number) => string = value => value.toFixed(2)
): Goal {
  return { text: `${what}: ${format(figure)}, goal <= ${format(limit)}`, met: figure <= limit };
}
