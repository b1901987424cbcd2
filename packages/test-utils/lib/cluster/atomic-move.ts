import { TestKitUsageError } from '../errors';
import { waitFor } from '../wait';
import type { ClusterNode } from './cluster-node';
import { expandSlots, toRanges } from './slot-ranges';
import type { SlotMove } from './slot-move';

const DONE = new Set(['completed', 'success']);
const FAILED = new Set(['failed', 'canceled', 'cancelled']);

/** An atomic move under way: Redis knows it at the target, Valkey at the source. */
export interface AtomicMove extends SlotMove {
  /** The server's own name of the job. */
  readonly job: string;
}

/** Starts an atomic move; the servers do the rest by themselves. */
export async function beginAtomicMove(move: SlotMove): Promise<AtomicMove> {
  const { from, to, slots } = move;
  if (!from.binary.supports('atomicSlotMigration')) {
    throw new TestKitUsageError(`${from.binary.label} has no atomic slot migration`);
  }
  const ranges = toRanges(slots).flat();
  if (from.binary.product === 'redis') {
    return { ...move, job: String(await to.command('CLUSTER', 'MIGRATION', 'IMPORT', ...ranges)) };
  }
  const known = new Set((await valkeyJobs(from)).map(job => job.get('name')));
  await from.command('CLUSTER', 'MIGRATESLOTS', 'SLOTSRANGE', ...ranges, 'NODE', to.id);
  const job = (await valkeyJobs(from)).map(fields => String(fields.get('name'))).find(name => !known.has(name));
  return { ...move, job: job! };
}

/** Asks both products how far it is; the words are the server's. */
export async function atomicState({ from, to, job }: AtomicMove): Promise<string> {
  if (from.binary.product === 'redis') {
    const [status] = (await to.command('CLUSTER', 'MIGRATION', 'STATUS', 'ID', job)) as unknown[][];
    return String(toMap(status).get('state'));
  }
  return String((await valkeyJobs(from)).find(fields => fields.get('name') === job)?.get('state'));
}

/** Resolves when it is done and the target knows that it owns the slots. Rejects when it failed or was cancelled. */
export async function waitForAtomicMove(move: AtomicMove): Promise<void> {
  const state = await waitFor(`the atomic move ${move.job}`, async () => {
    const now = await atomicState(move);
    return (DONE.has(now) || FAILED.has(now)) && now;
  }, { timeout: 60_000 });
  if (FAILED.has(state)) {
    throw new TestKitUsageError(`The atomic move ${move.job} of ${JSON.stringify(move.slots)} has ${state}`);
  }
  await waitFor(`${move.to.address} to own the slots`, async () => {
    const owned = new Set(expandSlots((await move.to.self()).slots));
    return expandSlots(move.slots).every(slot => owned.has(slot));
  });
}

/** Cancels it. Harmless when it has ended already. */
export async function cancelAtomicMove({ from, to, job }: AtomicMove): Promise<void> {
  await (from.binary.product === 'redis'
    ? to.command('CLUSTER', 'MIGRATION', 'CANCEL', 'ID', job)
    : from.command('CLUSTER', 'CANCELSLOTMIGRATIONS'));
}

async function valkeyJobs(node: ClusterNode): Promise<Map<string, unknown>[]> {
  return ((await node.command('CLUSTER', 'GETSLOTMIGRATIONS')) as unknown[][]).map(toMap);
}

function toMap(flat: readonly unknown[]): Map<string, unknown> {
  return new Map(flat.flatMap((name, index) => (index % 2 === 0 ? [[String(name), flat[index + 1]] as const] : [])));
}
