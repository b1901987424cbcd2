/** The number of hash slots of a cluster. */
export const SLOT_COUNT = 16_384;

/** Both ends are included. */
export type SlotRange = readonly [from: number, to: number];
/** Sorted, without overlap, adjacent ranges joined. */
export type SlotRanges = readonly SlotRange[];

export const ALL_SLOTS: SlotRanges = Object.freeze([Object.freeze([0, SLOT_COUNT - 1] as const)]);

export function countSlots(ranges: SlotRanges): number {
  return ranges.reduce((sum, [from, to]) => sum + to - from + 1, 0);
}

export function inRanges(ranges: SlotRanges, slot: number): boolean {
  return ranges.some(([from, to]) => slot >= from && slot <= to);
}

/** The ranges of the slots for which `test` holds. */
export function rangesWhere(test: (slot: number) => boolean): SlotRanges {
  const ranges: [number, number][] = [];
  let last: [number, number] | undefined;
  for (let slot = 0; slot < SLOT_COUNT; slot++) {
    if (!test(slot)) continue;
    if (last && last[1] === slot - 1) last[1] = slot;
    else ranges.push((last = [slot, slot]));
  }
  return ranges;
}
