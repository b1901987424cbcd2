import calculateSlot = require('cluster-key-slot');
import { TestKitUsageError, quote } from '../errors';
import { SLOTS } from './slot-ranges';

let tags: readonly string[] | undefined;

/** A key of that slot: the prefix, then a short hash tag. The same arguments give the same key. */
export function keyInSlot(slot: number, prefix = ''): string {
  if (!Number.isInteger(slot) || slot < 0 || slot >= SLOTS) {
    throw new TestKitUsageError(`A slot is a whole number from 0 to ${SLOTS - 1}, not ${quote(slot)}`);
  }
  if (/[{}]/.test(prefix)) {
    throw new TestKitUsageError(`The prefix ${quote(prefix)} has a brace, which would move the key to another slot`);
  }
  tags ??= computeTags();
  return `${prefix}{${tags[slot]}}`;
}

/** The slot of a key, by the servers' own rule. */
export function slotOf(key: string | Buffer): number {
  return calculateSlot(key);
}

function computeTags(): string[] {
  const found: string[] = [];
  for (let number = 0, missing = SLOTS; missing > 0; number++) {
    const tag = number.toString(36);
    const slot = calculateSlot(tag);
    if (found[slot] === undefined) {
      found[slot] = tag;
      missing--;
    }
  }
  return found;
}
