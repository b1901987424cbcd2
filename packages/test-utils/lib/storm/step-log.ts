import type { SlotRange } from '../cluster/slot-ranges';
import type { Outage } from './outage';

/** A step of a scenario, and when it was under way. */
export interface StepRecord {
  readonly name: string;
  readonly since: number;
  /** Infinity while it is under way. */
  until: number;
}

export interface OutageDraft {
  /** When it may have begun: before what cuts was ordered (ms). @default now */
  readonly since?: number;
  /** @default all */
  readonly slots?: readonly SlotRange[];
  /** How long it lasts, where that is known. */
  readonly ms?: number;
}

/** Which step was under way when, and what it has really cut. Steps may overlap. */
export class StepLog {
  readonly records: StepRecord[] = [];
  readonly outages: Outage[] = [];

  /** Runs it under that name. */
  async during<T>(name: string, run: () => Promise<T>): Promise<T> {
    const record: StepRecord = { name, since: Date.now(), until: Infinity };
    this.records.push(record);
    try {
      return await run();
    } finally {
      record.until = Date.now();
    }
  }

  /** From `since` on at the earliest, from now on at the latest, until a write is acknowledged again, or `ms` later. */
  outage(name: string, { since = Date.now(), slots = [], ms }: OutageDraft = {}): void {
    const cutBy = Date.now();
    this.outages.push({ name, slots, since, cutBy, until: ms === undefined ? undefined : cutBy + ms });
  }

  /** The names of those under way, for the message of what failed. */
  get current(): string {
    return this.records
      .filter(({ until }) => until === Infinity)
      .map(({ name }) => name)
      .join(' > ');
  }
}

/** A time for people: 'failover of shard 1 +213 ms', 'after failover of shard 1 +80 ms'. */
export function relativeTo(steps: readonly StepRecord[], at: number): string {
  const begun = steps.filter(({ since }) => since <= at);
  const underWay = begun.filter(({ until }) => at <= until).at(-1);
  if (underWay) {
    return `${underWay.name} +${at - underWay.since} ms`;
  }
  const last = begun.sort((a, b) => a.until - b.until).at(-1);
  return last ? `after ${last.name} +${at - last.until} ms` : 'before the first step';
}
