/**
 * A gap, recipe 3: accept. Statistics need not be complete, but should say when they are not: each figure comes with
 * how long, and for how much of the keyspace, something may be missing.
 */
import { createCluster } from 'redis-keyspace';
import { CLIENT_NAME, cutSubscribers, recipeCluster, until } from './support/recipe-cluster';

const PREFIX = 'example:accept:';
const ALL_SLOTS = 16_384;

async function main() {
  await using servers = await recipeCluster();
  const cluster = await createCluster({
    rootNodes: [{ url: servers.url }],
    defaults: { name: CLIENT_NAME },
    keyspace: { notifyKeyspaceEvents: 'enable' }
  })
    .on('error', error => console.error('error', error))
    .connect();

  const tally = new Map<string, number>();
  /** What may be missing, in milliseconds of the whole keyspace. */
  let doubt = 0;

  const subscription = await cluster.subscribeKeyevent(
    ['set', 'del'],
    ({ event }) => tally.set(event, (tally.get(event) ?? 0) + 1),
    { keys: { prefix: PREFIX } }
  );
  subscription.on('recovered', ({ reason, node, slots, since, until }) => {
    const width = slots.reduce((sum, [from, to]) => sum + to - from + 1, 0) || ALL_SLOTS;
    const time = Number(until) - Number(since);
    doubt += (time * width) / ALL_SLOTS;
    console.log(`${node}: ${reason}, ${time} ms of ${width} slots are in doubt`);
  });

  const keys = Array.from({ length: 30 }, (_, index) => `${PREFIX}${index}`);
  for (const key of keys) await cluster.set(key, 'value');
  await subscription.fence();
  console.log(`heard ${tally.get('set')} set, nothing in doubt`);

  await cutSubscribers(cluster);
  for (const key of keys) await cluster.del(key); // Heard by nobody, or only in part.
  await until(() => doubt > 0 && subscription.coverage.complete);
  await subscription.fence();

  console.log(`heard ${tally.get('set')} set and at least ${tally.get('del') ?? 0} del`);
  console.log(`${Math.round(doubt)} ms are in doubt`);
  await cluster.close();
}

main().catch(error => {
  console.error(error);
  process.exitCode = 1;
});
