/** Number of slots of a cluster. */
export const SLOTS = 16_384;

/** Slots from..to, both included. */
export type SlotRange = readonly [from: number, to: number];

/** Single slots, ranges, or both mixed. */
export type SlotSet = readonly (number | SlotRange)[];

/** Every slot of the set, in the order given. */
export function expandSlots(set: SlotSet): number[] {
  return set.flatMap(item =>
    typeof item === 'number' ? [item] : Array.from({ length: item[1] - item[0] + 1 }, (_, index) => item[0] + index)
  );
}

/** The fewest ascending ranges that hold the same slots. */
export function toRanges(set: SlotSet): SlotRange[] {
  const ranges: [number, number][] = [];
  for (const slot of [...new Set(expandSlots(set))].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last?.[1] === slot - 1) {
      last[1] = slot;
    } else {
      ranges.push([slot, slot]);
    }
  }
  return ranges;
}

/** All slots, shared out evenly and in order. */
export function divideSlots(primaries: number): SlotRange[][] {
  const bound = (index: number) => Math.round((index * SLOTS) / primaries);
  return Array.from({ length: primaries }, (_, index) => [[bound(index), bound(index + 1) - 1]]);
}
