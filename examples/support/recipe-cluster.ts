import { setTimeout as delay } from 'node:timers/promises';
import { findServer, startCluster } from '@redis-keyspace/test-utils';
import type { RedisClusterType } from 'redis-keyspace';

/** The cluster that a recipe talks to: of the URL that is given, or else one of its own that ends with it. */
export async function recipeCluster(): Promise<AsyncDisposable & { readonly url: string }> {
  const url = process.argv[2] ?? process.env.REDIS_URL;
  if (url) return { url, [Symbol.asyncDispose]: () => Promise.resolve() };
  console.log('No URL is given: a cluster of three primaries is started on this machine.');
  const servers = await startCluster(await findServer());
  return { url: servers.rootNodes[0].url, [Symbol.asyncDispose]: () => servers.stop() };
}

/** By which the servers know the connections of this program. */
export const CLIENT_NAME = `example-${process.pid}`;

/** What a broken network does: cuts every connection on which this program hears, and nobody else's. */
export async function cutSubscribers(cluster: RedisClusterType): Promise<void> {
  for (const { client } of cluster.masters) {
    const list = String(await client?.sendCommand(['CLIENT', 'LIST', 'TYPE', 'pubsub']));
    const own = list.split('\n').filter(line => line.includes(` name=${CLIENT_NAME} `));
    for (const line of own) await client?.sendCommand(['CLIENT', 'KILL', 'ID', /^id=(\d+)/.exec(line)![1]]);
  }
}

/** Waits until something has happened. */
export async function until(test: () => boolean): Promise<void> {
  while (!test()) await delay(10);
}
