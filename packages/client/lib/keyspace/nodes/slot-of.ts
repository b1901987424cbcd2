import calculateSlot from 'cluster-key-slot';
import type { Message } from '../delivery/dispatcher';

/** The slot of the key that it is about. */
export function slotOf({ notification: { source, keyStart, keyEnd } }: Message): number {
  return calculateSlot(source.subarray(keyStart, keyEnd));
}
