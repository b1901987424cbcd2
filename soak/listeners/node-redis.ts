import { createCluster } from '@redis/client';
import type { StormListener } from '@redis-keyspace/test-utils';
import { hear, patternOf } from './channel';

/** What node-redis does by itself: one node of its choice. */
export const nodeRedis: StormListener = {
  name: 'node-redis cluster.pSubscribe',
  async open(hearing, { cluster, prefix }) {
    const client = createCluster({ rootNodes: cluster.rootNodes }).on('error', () => undefined);
    await client.connect();
    await client.pSubscribe(patternOf(prefix), (event, channel) => hear(hearing, event, channel, ''));
    return { close: () => client.destroy() };
  }
};

/** What its users do by hand: one `pSubscribe` for each primary that there is at the start. */
export const perPrimary: StormListener = {
  name: 'node-redis, one pSubscribe per primary',
  async open(hearing, { cluster, prefix }) {
    const client = createCluster({ rootNodes: cluster.rootNodes }).on('error', () => undefined);
    await client.connect();
    const nodes = await Promise.all(
      client.masters.map(async master => {
        const node = (await client.nodeClient(master)).duplicate().on('error', () => undefined);
        await node.connect();
        await node.pSubscribe(patternOf(prefix), (event, channel) => hear(hearing, event, channel, master.address));
        return node;
      })
    );
    return {
      close() {
        for (const node of nodes) node.destroy();
        client.destroy();
      }
    };
  }
};
