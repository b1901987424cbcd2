/**
 * A gap, recipe 2: rescan. A mirror of all keys that begin alike stays complete: when a gap is over, the keys of its
 * slots are looked up again, and those that are gone are found by their absence.
 */
import calculateSlot from 'cluster-key-slot';
import { createCluster, type KeyspaceGap } from 'redis-keyspace';
import { CLIENT_NAME, cutSubscribers, recipeCluster, until } from './support/recipe-cluster';

const PREFIX = 'example:rescan:';

async function main() {
  await using servers = await recipeCluster();
  const cluster = await createCluster({
    rootNodes: [{ url: servers.url }],
    defaults: { name: CLIENT_NAME },
    keyspace: { notifyKeyspaceEvents: 'enable' }
  })
    .on('error', error => console.error('error', error))
    .connect();

  const mirror = new Map<string, string>();
  let repairs = 0;
  let loading = 0;

  const subscription = await cluster.subscribeKeyspace({ prefix: PREFIX }, ({ key }) => load(key));
  subscription.on('recovered', gap => {
    repair(gap).catch(error => console.error('the mirror is not complete', error));
  });
  await repair({ slots: [] }); // The first filling is a rescan of all slots.

  /** Right whenever it is called and however often: it asks what is so now. */
  async function load(key: string) {
    loading++;
    const value = await cluster.get(key);
    loading--;
    if (value === null) mirror.delete(key);
    else mirror.set(key, value);
  }

  async function repair(gap: Pick<KeyspaceGap, 'slots'>) {
    const unseen = new Set([...mirror.keys()].filter(key => isIn(gap, key)));
    for await (const key of subscription.rescan(gap)) {
      unseen.delete(key);
      await load(key);
    }
    for (const key of unseen) await load(key); // Gone, unless made again since.
    repairs++;
  }

  function isIn({ slots }: Pick<KeyspaceGap, 'slots'>, key: string) {
    const slot = calculateSlot(key);
    return !slots.length || slots.some(([from, to]) => from <= slot && slot <= to);
  }

  const keys = Array.from({ length: 30 }, (_, index) => `${PREFIX}${index}`);
  for (const key of keys) await cluster.set(key, 'old');
  await until(() => mirror.size === keys.length);
  console.log(`${mirror.size} keys are mirrored`);

  await cutSubscribers(cluster);
  // Heard by nobody, or only in part: changed, deleted, and made.
  for (const key of keys.slice(0, 20)) await cluster.set(key, 'new');
  for (const key of keys.slice(20)) await cluster.del(key);
  await cluster.set(`${PREFIX}made`, 'new');
  await until(() => repairs > cluster.masters.length); // One for each connection that was cut.
  await subscription.fence(); // What was written after a connection was back has been heard.
  await until(() => loading === 0);

  const values = [...mirror.values()];
  console.log(`${values.length} keys are mirrored, ${values.filter(value => value !== 'new').length} of them stale`);
  await subscription.unsubscribe();
  for (const key of mirror.keys()) await cluster.del(key);
  await cluster.close();
}

main().catch(error => {
  console.error(error);
  process.exitCode = 1;
});
