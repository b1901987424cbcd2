import type { FleetNode } from '../fleet/fleet';

/** What the doctor looks at, in the order in which it is told. */
export const CHECKS = [
  'nodes',
  'versions',
  'notifications',
  'cost',
  'access',
  'buffers',
  'expiry',
  'subscription',
  'self-test'
] as const;

export type CheckName = (typeof CHECKS)[number];

/** From harmless to bad. Only a problem makes the exit code 1: something is missing. */
export const LEVELS = ['ok', 'info', 'warning', 'problem'] as const;

export type Level = (typeof LEVELS)[number];

/** One thing that was found out, of one node or of all together. */
export interface Finding {
  readonly level: Level;
  readonly check: CheckName;
  /** undefined: of all. */
  readonly node?: FleetNode;
  readonly message: string;
  /** What to do about it. */
  readonly remedy?: string;
  /** Lines to be shown below it. */
  readonly lines?: readonly string[];
  /** The same as values, for `--json`. */
  readonly details?: Readonly<Record<string, unknown>>;
}
