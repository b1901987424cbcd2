import { waitFor } from '../wait';
import type { ClusterNode } from './cluster-node';
import { expandSlots, type SlotSet } from './slot-ranges';

const BATCH = 100;
const TIMEOUT = 10_000;

/**
 * A classic slot move, step by step, as redis-cli does it: `begin` opens the
 * slots at both ends, `migrate` carries the keys over, `finish` makes the new
 * owner known. A test may do whatever it likes between the steps.
 */
export interface SlotMove {
  readonly from: ClusterNode;
  readonly to: ClusterNode;
  readonly slots: SlotSet;
}

/** SETSLOT IMPORTING at the target, then MIGRATING at the source. */
export async function beginSlotMove({ from, to, slots }: SlotMove): Promise<void> {
  const all = expandSlots(slots);
  await Promise.all(all.map(slot => to.command('CLUSTER', 'SETSLOT', slot, 'IMPORTING', from.id)));
  await Promise.all(all.map(slot => from.command('CLUSTER', 'SETSLOT', slot, 'MIGRATING', to.id)));
}

/** MIGRATE of every key that the source has in these slots, database by database. Gives their number. */
export async function migrateKeys({ from, to, slots }: SlotMove, databases = 1): Promise<number> {
  let moved = 0;
  for (let database = 0; database < databases; database++) {
    for (const slot of expandSlots(slots)) {
      moved += await migrateSlot(from, to, slot, database);
    }
  }
  return moved;
}

async function migrateSlot(from: ClusterNode, to: ClusterNode, slot: number, database: number): Promise<number> {
  for (let moved = 0; ;) {
    const keys = (await from.rawCommand(database, 'CLUSTER', 'GETKEYSINSLOT', slot, BATCH)) as Buffer[];
    if (keys.length === 0) {
      return moved;
    }
    const destination = [to.host, to.port, '', database, TIMEOUT];
    await from.rawCommand(database, 'MIGRATE', ...destination, 'REPLACE', 'KEYS', ...keys);
    moved += keys.length;
  }
}

/** SETSLOT NODE at the target, then at the source, then at the others, so that nobody learns it from gossip first. */
export async function finishSlotMove(
  { from, to, slots }: SlotMove,
  others: readonly ClusterNode[] = []
): Promise<void> {
  const all = expandSlots(slots);
  const rest = others.filter(node => node !== from && node !== to);
  for (const group of [[to], [from], rest]) {
    await Promise.all(group.flatMap(node => all.map(slot => node.command('CLUSTER', 'SETSLOT', slot, 'NODE', to.id))));
  }
}

/**
 * SETSLOT NODE at the target alone: the source learns it by gossip, and drops what it still has without a word. It
 * forgets by itself that it was giving the slots away only when it is told.
 */
export async function takeSlots({ from, to, slots }: SlotMove): Promise<void> {
  const all = expandSlots(slots);
  await Promise.all(all.map(slot => to.command('CLUSTER', 'SETSLOT', slot, 'NODE', to.id)));
  await waitFor(`${from.address} to give in`, async () => {
    const owned = new Set(expandSlots((await from.self()).slots));
    return !all.some(slot => owned.has(slot));
  });
  await Promise.all(all.map(slot => from.command('CLUSTER', 'SETSLOT', slot, 'STABLE')));
}

/** SETSLOT STABLE at both ends: the move is given up, keys that have moved stay where they are. */
export async function abandonSlotMove({ from, to, slots }: SlotMove): Promise<void> {
  const all = expandSlots(slots);
  await Promise.all([from, to].flatMap(node => all.map(slot => node.command('CLUSTER', 'SETSLOT', slot, 'STABLE'))));
}

/**
 * Instead of the last step, as an administrator repairs a move: the source is closed, what has moved is carried
 * back, the target is closed. A key that was written anew at the source meanwhile stays as it is there.
 */
export async function returnSlotMove({ from, to, slots }: SlotMove, databases = 1): Promise<void> {
  const all = expandSlots(slots);
  await Promise.all(all.map(slot => from.command('CLUSTER', 'SETSLOT', slot, 'STABLE')));
  await migrateKeys({ from: to, to: from, slots }, databases);
  await Promise.all(all.map(slot => to.command('CLUSTER', 'SETSLOT', slot, 'STABLE')));
}
