/** The number of hash slots of a cluster. */
export const SLOT_COUNT = 16_384;

/** Both ends are included. */
export type SlotRange = readonly [from: number, to: number];
/** Sorted, without overlap, adjacent ranges joined. */
export type SlotRanges = readonly SlotRange[];

export const ALL_SLOTS: SlotRanges = Object.freeze([Object.freeze([0, SLOT_COUNT - 1] as const)]);

export function countSlots(ranges: readonly SlotRange[]): number {
  let count = 0;
  for (const [from, to] of ranges) count += to - from + 1;
  return count;
}

export function slotsOf(ranges: readonly SlotRange[]): number[] {
  return ranges.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, index) => from + index));
}

/** Have they any slot in common? */
export function overlap(a: SlotRanges, b: SlotRanges): boolean {
  return a.some(([from, to]) => b.some(([start, end]) => from <= end && start <= to));
}

/** Costs O(log ranges). */
export function inRanges(ranges: SlotRanges, slot: number): boolean {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ranges[middle][1] < slot) low = middle + 1;
    else high = middle;
  }
  return low < ranges.length && ranges[low][0] <= slot;
}

/** The ranges of the slots for which `test` holds. */
export function rangesWhere(test: (slot: number) => boolean): SlotRanges {
  const ranges = new RangeList();
  for (let slot = 0; slot < SLOT_COUNT; slot++) if (test(slot)) ranges.add(slot, slot);
  return ranges.ranges;
}

/** Of each owner `0..count-1` its slots, all in one pass: `owners[slot]` is its number, or -1. */
export function rangesByOwner(owners: ArrayLike<number>, count: number): SlotRanges[] {
  const lists = Array.from({ length: count }, () => new RangeList());
  for (let slot = 0; slot < owners.length; slot++) {
    const owner = owners[slot];
    if (owner !== -1) lists[owner].add(slot, slot);
  }
  return lists.map(({ ranges }) => ranges);
}

/** The slots of all these ranges, in whatever order they come and however they overlap. */
export function joinRanges(ranges: Iterable<SlotRange>): SlotRanges {
  const joined = new RangeList();
  for (const [from, to] of [...ranges].sort(([a], [b]) => a - b)) joined.add(from, to);
  return joined.ranges;
}

/** The slots of `ranges` that are not in `others`. */
export function subtractRanges(ranges: SlotRanges, others: SlotRanges): SlotRanges {
  const rest = new RangeList();
  let next = 0;
  for (const [from, to] of ranges) {
    let start = from;
    while (next < others.length && others[next][1] < from) next++;
    for (let index = next; index < others.length && others[index][0] <= to; index++) {
      if (others[index][0] > start) rest.add(start, others[index][0] - 1);
      start = others[index][1] + 1;
    }
    if (start <= to) rest.add(start, to);
  }
  return rest.ranges;
}

/** Ranges in the making. */
export class RangeList {
  readonly ranges: [from: number, to: number][] = [];

  /** No slot before those of an earlier call; what touches or overlaps the last range becomes part of it. */
  add(from: number, to: number): void {
    const last = this.ranges.at(-1);
    if (!last || last[1] < from - 1) this.ranges.push([from, to]);
    else if (last[1] < to) last[1] = to;
  }
}
