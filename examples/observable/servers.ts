import { findServer, startStandalone, waitFor, type RedisServer } from '@redis-keyspace/test-utils';

/** Three nodes with the same data. */
export interface Servers extends AsyncDisposable {
  readonly urls: readonly [writer: string, listener: string, iterator: string];
  readonly description: string;
}

/** One primary with two replicas, of any server that this machine has; they end with it. */
export async function startServers(): Promise<Servers> {
  const binary = await findServer();
  const started: RedisServer[] = [];
  const stop = async () => {
    await Promise.all(started.map(server => server.stop()));
  };
  try {
    for (const _index of [0, 1, 2]) started.push(await startStandalone(binary));
    const [primary, ...replicas] = started;
    for (const replica of replicas) {
      await replica.command('REPLICAOF', primary.host, String(primary.port));
      await waitFor(`${replica.address} to be in sync`, async () => {
        return (await replica.info('replication')).get('master_link_status') === 'up';
      });
    }
    return {
      urls: [primary.url, replicas[0].url, replicas[1].url],
      description: `${binary.label}: a primary and two replicas, started for you`,
      [Symbol.asyncDispose]: stop
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
