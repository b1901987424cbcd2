import calculateSlot from 'cluster-key-slot';
import { SLOT_COUNT } from '../plan/slot-ranges';

const tags: (string | undefined)[] = new Array<string | undefined>(SLOT_COUNT);
let tried = 0;

/**
 * The sharded channel that is subscribed to be told when a slot leaves a node: the server takes it away
 * (`sunsubscribe`) at that very point of the stream, and all of them when the node changes its role. Named like
 * a keyspace channel, which whoever subscribes those is allowed to name.
 */
export function canaryOf(slot: number): string {
  while (tags[slot] === undefined) {
    const tag = (tried++).toString(36);
    tags[calculateSlot(tag)] ??= tag;
  }
  return `__keyspace@0__:{${tags[slot]}}`;
}
