import calculateSlot = require('cluster-key-slot');
import type { FleetNode } from '../fleet/fleet';

/**
 * A key that this node serves, and no other: by a hash tag of one of its slots that stays where it is.
 * Without a cluster any key will do.
 * @returns undefined when it has no such slot.
 */
export function keyOn({ slots, movingSlots }: FleetNode, isCluster: boolean, prefix: string): string | undefined {
  if (!isCluster) return `${prefix}{0}`;
  const isServed = (slot: number) => !movingSlots.has(slot) && slots.some(([from, to]) => from <= slot && slot <= to);
  // Of a single slot, whichever it is, a tag comes among the first 200,000.
  for (let number = 0; slots.length && number < 400_000; number++) {
    const tag = number.toString(36);
    if (isServed(calculateSlot(tag))) return `${prefix}{${tag}}`;
  }
  return undefined;
}
