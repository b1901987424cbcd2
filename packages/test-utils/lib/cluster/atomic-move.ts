import { TestKitUsageError } from '../errors';
import { waitFor } from '../wait';
import type { ClusterNode } from './cluster-node';
import { expandSlots, toRanges } from './slot-ranges';
import type { SlotMove } from './slot-move';

const DONE = new Set(['completed', 'success']);
const QUIET_LOOKS = 5;
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
  const known = await jobStates(from);
  await from.command('CLUSTER', 'MIGRATESLOTS', 'SLOTSRANGE', ...ranges, 'NODE', to.id);
  const job = [...(await jobStates(from)).keys()].find(name => !known.has(name));
  return { ...move, job: job! };
}

/** How far it is, in the server's own words, as the end says that commands it. */
export async function atomicState({ from, to, job }: AtomicMove): Promise<string> {
  const commander = from.binary.product === 'redis' ? to : from;
  return (await jobStates(commander)).get(job) ?? 'unknown';
}

/** Resolves when it is done and the target knows that it owns the slots. Rejects when it failed or was cancelled. */
export async function waitForAtomicMove(move: AtomicMove): Promise<void> {
  await waitUntilEnded(move);
  const state = await atomicState(move);
  if (!DONE.has(state)) {
    const words = await Promise.all([move.from, move.to].map(node => lastWords(node, move.job)));
    const why = words.filter(Boolean).join('; ');
    throw new TestKitUsageError(
      `The atomic move ${move.job} of ${JSON.stringify(move.slots)} has ${state}${why && `: ${why}`}`
    );
  }
  await waitFor(`${move.to.address} to own the slots`, async () => {
    const owned = new Set(expandSlots((await move.to.self()).slots));
    return expandSlots(move.slots).every(slot => owned.has(slot));
  });
}

/** Cancels it; resolves when both ends have let it go. Harmless when it has ended already. */
export async function cancelAtomicMove(move: AtomicMove): Promise<void> {
  const { from, to, job } = move;
  if (hasEnded(await atomicState(move))) {
    return waitUntilEnded(move);
  }
  if (from.binary.product === 'valkey') {
    // It may have ended by itself since.
    await from.command('CLUSTER', 'CANCELSLOTMIGRATIONS').catch((error: Error) => {
      if (!error.message.includes('No migrations ongoing')) {
        throw error;
      }
    });
    return waitUntilEnded(move);
  }
  await to.command('CLUSTER', 'MIGRATION', 'CANCEL', 'ID', job);
  // The source may only now read the request, and would then hold the slots for its own time-out.
  let quiet = 0;
  await waitFor(`the source to let ${job} go`, async () => {
    const cancelled = from.isResponsive && Number(await from.command('CLUSTER', 'MIGRATION', 'CANCEL', 'ID', job));
    quiet = cancelled ? 0 : quiet + 1;
    return quiet > QUIET_LOOKS;
  });
  return waitUntilEnded(move);
}

/** The end that does not command it hears of the end later, and refuses SETSLOT until then. */
async function waitUntilEnded({ from, to, job }: AtomicMove): Promise<void> {
  await waitFor(
    `the atomic move ${job} to end`,
    async () => {
      const ends = await Promise.all([from, to].filter(node => node.isResponsive).map(jobStates));
      return ends.every(states => hasEnded(states.get(job) ?? 'failed'));
    },
    { timeout: 60_000 }
  );
}

function hasEnded(state: string): boolean {
  return DONE.has(state) || FAILED.has(state);
}

/** The state of each job that a node knows, by name. Redis tries again by itself after a failure, as the same job. */
async function jobStates(node: ClusterNode): Promise<Map<string, string>> {
  const states = new Map<string, string>();
  for (const job of await jobsOf(node)) {
    const name = nameOf(job);
    const state = String(job.get('state'));
    const goesOn = Number(job.get('end_time')) === -1;
    if (goesOn || !states.has(name)) {
      states.set(name, goesOn && FAILED.has(state) ? 'retrying' : state);
    }
  }
  return states;
}

/** Why it failed, as one end tells. */
async function lastWords(node: ClusterNode, name: string): Promise<string> {
  const job = (await jobsOf(node)).find(known => nameOf(known) === name);
  return String(job?.get('last_error') ?? job?.get('message') ?? '');
}

async function jobsOf(node: ClusterNode): Promise<Map<string, unknown>[]> {
  const command = node.binary.product === 'redis' ? ['MIGRATION', 'STATUS', 'ALL'] : ['GETSLOTMIGRATIONS'];
  return ((await node.command('CLUSTER', ...command)) as unknown[][]).map(toMap);
}

function nameOf(job: ReadonlyMap<string, unknown>): string {
  return String(job.get('id') ?? job.get('name'));
}

function toMap(flat: readonly unknown[]): Map<string, unknown> {
  return new Map(flat.flatMap((name, index) => (index % 2 === 0 ? [[String(name), flat[index + 1]] as const] : [])));
}
