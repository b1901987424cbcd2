/**
 * A gap, recipe 1: flush. A cache forgets the keys of the slots that are in doubt, remembers none of them while they
 * are, and keeps the rest.
 */
import calculateSlot from 'cluster-key-slot';
import { createCluster, type KeyspaceGap } from 'redis-keyspace';
import { CLIENT_NAME, cutSubscribers, recipeCluster, until } from './support/recipe-cluster';

const PREFIX = 'example:flush:';

async function main() {
  await using servers = await recipeCluster();
  const cluster = await createCluster({
    rootNodes: [{ url: servers.url }],
    defaults: { name: CLIENT_NAME },
    keyspace: { notifyKeyspaceEvents: 'enable' }
  })
    .on('error', error => console.error('error', error))
    .connect();

  const cache = new Map<string, string | null>();
  /** Reads under way: what is heard or doubted meanwhile is not remembered. */
  const reading = new Map<string, symbol>();
  /** How many gaps a slot is in. */
  const doubts = new Map<number, number>();

  const subscription = await cluster.subscribeKeyspace({ prefix: PREFIX }, ({ key }) => forget(key));
  subscription.on('gap', gap => {
    const before = cache.size;
    count(gap, 1);
    for (const key of [...cache.keys(), ...reading.keys()]) if (isDoubtful(key)) forget(key);
    console.log(`${gap.reason} at ${gap.node}: ${before - cache.size} of ${before} entries forgotten`);
  });
  subscription.on('recovered', gap => count(gap, -1));

  function forget(key: string) {
    reading.delete(key);
    cache.delete(key);
  }

  /** No slots are all slots. */
  function count({ slots }: KeyspaceGap, change: number) {
    for (const [from, to] of slots.length ? slots : [[0, 16_383]])
      for (let slot = from; slot <= to; slot++) doubts.set(slot, (doubts.get(slot) ?? 0) + change);
  }

  function isDoubtful(key: string) {
    return (doubts.get(calculateSlot(key)) ?? 0) > 0;
  }

  async function read(key: string) {
    const cached = cache.get(key);
    if (cached !== undefined) return cached;
    const token = Symbol();
    if (!isDoubtful(key)) reading.set(key, token);
    const value = await cluster.get(key);
    if (reading.get(key) === token) {
      reading.delete(key);
      cache.set(key, value);
    }
    return value;
  }

  const keys = Array.from({ length: 30 }, (_, index) => `${PREFIX}${index}`);
  for (const key of keys) await cluster.set(key, 'old');
  await subscription.fence();
  for (const key of keys) await read(key);
  console.log(`${cache.size} entries are cached`);

  await cutSubscribers(cluster);
  for (const key of keys) await cluster.set(key, 'new'); // Heard by nobody, or only in part.
  await until(() => doubts.size > 0 && [...doubts.values()].every(number => number === 0));

  const values = await Promise.all(keys.map(read));
  console.log(`stale: ${values.filter(value => value !== 'new').length} of ${keys.length}`);
  for (const key of keys) await cluster.del(key);
  await cluster.close();
}

main().catch(error => {
  console.error(error);
  process.exitCode = 1;
});
