import type { SlotRange } from '../cluster/slot-ranges';
import type { ToldGap } from './hearing';
import { contains, type KeyHistory } from './ledger';

/** What a step has really cut: nobody could hear of these slots, or nobody could write to them. */
export interface Outage {
  readonly name: string;
  /** Not before that (ms). */
  readonly since: number;
  /** It had begun by then (ms). */
  readonly cutBy: number;
  /** When it was over, where the step knows; else with the first write that is acknowledged again. */
  readonly until: number | undefined;
  /** The slots concerned. Empty: all. */
  readonly slots: readonly SlotRange[];
}

/** How a listener's gaps fit an outage. */
export interface OutageReport {
  readonly name: string;
  /** ms from its beginning to its end. */
  readonly lasted: number;
  /** How many ms before it the first gap begins. Undefined when no gap was told of it. */
  readonly early: number | undefined;
  /** How many ms after it the last gap ends. Undefined when there is none, or one that is open. */
  readonly late: number | undefined;
}

/** Compares gaps with what really happened. Pure. */
export function measureOutages(
  outages: readonly Outage[],
  histories: readonly KeyHistory[],
  gaps: readonly ToldGap[]
): OutageReport[] {
  return outages.map(outage => {
    const { name, since, cutBy } = outage;
    const end = outage.until ?? firstWriteAfter(cutBy, outage.slots, histories);
    const concerned = gaps.filter(
      gap =>
        overlap(gap.slots, outage.slots) &&
        gap.since.getTime() <= Math.max(end, since) &&
        (gap.until?.getTime() ?? Infinity) >= since
    );
    const isOpen = concerned.some(({ until }) => until === undefined);
    const [begun, ended] = [concerned.map(gap => gap.since.getTime()), concerned.map(gap => Number(gap.until))];
    return {
      name,
      lasted: end - since,
      early: concerned.length ? since - Math.min(...begun) : undefined,
      late: concerned.length && !isOpen ? Math.max(...ended) - end : undefined
    };
  });
}

/** When the first write that was sent afterwards was acknowledged. */
function firstWriteAfter(since: number, slots: readonly SlotRange[], histories: readonly KeyHistory[]): number {
  let first = Infinity;
  for (const { slot, expected } of histories) {
    if (!contains(slots, slot)) {
      continue;
    }
    for (const { sure, sentAt, answeredAt, bornAt } of expected) {
      if (sure && bornAt === undefined && sentAt > since && answeredAt < first) {
        first = answeredAt;
      }
    }
  }
  return first;
}

function overlap(a: readonly SlotRange[], b: readonly SlotRange[]): boolean {
  return !a.length || !b.length || a.some(([from, to]) => b.some(([other, last]) => from <= last && other <= to));
}

/** For people: 'outage by kill of a primary: 2,900 ms; its gap begins 312 ms before and ends 80 ms after'. */
export function formatOutage({ name, lasted, early, late }: OutageReport): string {
  const length = Number.isFinite(lasted) ? `${lasted} ms` : 'without end';
  if (early === undefined) {
    return `outage by ${name}: ${length}; no gap was told of it`;
  }
  return `outage by ${name}: ${length}; its gap begins ${early} ms before and ${late === undefined ? 'is open' : `ends ${late} ms after`}`;
}
