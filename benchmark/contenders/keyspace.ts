import { createClient, createCluster } from '@redis/client';
import { withKeyspace, type KeyNotification } from '@redis-keyspace/client';
import { END_EVENT } from '../stream/recorded-stream';
import type { Contender, Ear } from './contender';

async function connect([port]: readonly number[]) {
  return withKeyspace(await createClient({ socket: { port } }).on('error', console.error).connect());
}

function listenerOf(ear: Ear) {
  return ({ event }: KeyNotification<unknown>) => {
    ear.heard++;
    if (event === END_EVENT) ear.end();
  };
}

/** A parsed notification in a listener. */
export const keyspaceListener: Contender = async (ports, ear) => {
  const client = await connect(ports);
  await client.subscribeKeyspace('*', listenerOf(ear));
};

/** A filter drops all but the last one. */
export const keyspaceFiltered: Contender = async (ports, ear) => {
  const client = await connect(ports);
  await client.subscribeKeyspace('*', listenerOf(ear), { events: END_EVENT });
};

export const keyspaceBuffers: Contender = async (ports, ear) => {
  const client = await connect(ports);
  await client.subscribeKeyspace('*', listenerOf(ear), { bufferMode: true });
};

/** Without a listener, read by batches. The queue is long enough for whatever one turn of the loop brings. */
export const keyspaceBatches: Contender = async (ports, ear) => {
  const client = await connect(ports);
  const stream = await client.subscribeKeyspace('*', { highWaterMark: 2 ** 20 });
  const listener = listenerOf(ear);
  void (async () => {
    for await (const batch of stream.batches()) batch.forEach(listener);
  })();
};

/** Ten subscriptions of one pattern: the server sends each notification once. */
export const keyspaceTenfold: Contender = async (ports, ear) => {
  const client = await connect(ports);
  const listener = listenerOf(ear);
  for (let count = 1; count < 10; count++) await client.subscribeKeyspace('*', () => undefined);
  await client.subscribeKeyspace('*', listener);
};

/** Three primaries, of which one speaks: each notification costs the slot of its key, each `del` a round trip. */
export const keyspaceCluster: Contender = async (ports, ear) => {
  const rootNodes = ports.map(port => ({ url: `redis://127.0.0.1:${port}` }));
  const cluster = withKeyspace(await createCluster({ rootNodes }).on('error', console.error).connect());
  const subscription = await cluster.subscribeKeyspace('*', ({ event }) => {
    ear.heard++;
    // The last `del`s may be on their round trip yet.
    if (event === END_EVENT) void subscription.fence().then(() => ear.end());
  });
};
