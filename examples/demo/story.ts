import { setTimeout as delay } from 'node:timers/promises';
import { waitFor, type ClusterNode, type TestCluster } from '@redis-keyspace/test-utils';
import type { Narrator } from './narrator';
import { number, seconds } from './format';
import type { Writer } from './writer';

export interface StoryContext {
  readonly servers: TestCluster;
  readonly writer: Writer;
  readonly narrator: Narrator;
  /** Is every slot heard at the moment? */
  isComplete(): boolean;
  /** Ends the story. */
  readonly signal: AbortSignal;
}

/** How many slots are moved at a time. */
const MOVED_SLOTS = 40;

/** What happens to the servers while keys are written. */
export async function tellStory(context: StoryContext): Promise<void> {
  await peace(context);
  await classicMove(context);
  await atomicMove(context);
  await crash(context);
}

async function peace({ narrator, writer, signal }: StoryContext): Promise<void> {
  narrator.phase('1. Writing: strings, hashes, lists, sets, sorted sets, streams, keys that expire, deletes');
  writer.start();
  await delay(5_000, undefined, { signal });
}

async function classicMove({ narrator, writer, servers, signal }: StoryContext): Promise<void> {
  const [from, to] = await servers.primaries();
  const slots = await focus(writer, servers, from);
  narrator.phase(
    `2. Moving ${slots.length} slots from ${from.address} to ${to.address}, slot by slot (MIGRATE), while writing goes on`
  );
  await delay(1_500, undefined, { signal });
  await servers.beginSlotMove(from, to, slots);
  await delay(1_000, undefined, { signal });
  const keys = await servers.migrateKeys(from, to, slots);
  await servers.finishSlotMove(from, to, slots);
  narrator.say(`moved, with ${number(keys)} keys`);
  await delay(2_500, undefined, { signal });
}

async function atomicMove({ narrator, writer, servers, signal }: StoryContext): Promise<void> {
  const { label } = servers.binary;
  if (!servers.binary.supports('atomicSlotMigration')) {
    narrator.phase(`3. ${label} has no atomic slot migration (Redis 8.4, Valkey 9): left out`);
    return;
  }
  const [, from, to] = await servers.primaries();
  const slots = await focus(writer, servers, from);
  narrator.phase(`3. Moving ${slots.length} slots from ${from.address} to ${to.address} at once (atomic migration)`);
  await delay(1_500, undefined, { signal });
  const since = Date.now();
  await servers.moveSlots(from, to, slots, { method: 'atomic' });
  narrator.say(`moved in ${seconds(Date.now() - since)}`);
  await delay(2_500, undefined, { signal });
}

async function crash({ narrator, writer, servers, isComplete, signal }: StoryContext): Promise<void> {
  const [victim] = await servers.primaries();
  const replicas = await servers.replicas(victim);
  writer.focus = [];
  narrator.phase(`4. kill -9 of the primary ${victim.address}; its replica ${replicas[0].address} takes over`);
  await delay(500, undefined, { signal });
  const since = Date.now();
  await servers.kill(victim);
  const promoted = await servers.waitForPromotion(replicas);
  narrator.say(`${promoted.address} is primary ${seconds(Date.now() - since)} after the crash`);
  await waitFor('all slots to be heard again', () => signal.aborted || isComplete());
  await delay(4_000, undefined, { signal });
}

/** The next slots to move, with every second write in one of them. */
async function focus(writer: Writer, servers: TestCluster, from: ClusterNode): Promise<number[]> {
  const slots = (await servers.slotsOf(from)).slice(0, MOVED_SLOTS);
  writer.focus = slots;
  return slots;
}
