import type { StormListener } from '@redis-keyspace/test-utils';
import { Cluster } from 'ioredis';
import { hear, patternOf } from './channel';

/** Its cluster client: one node of its choice. */
export const ioredis: StormListener = {
  name: 'ioredis Cluster.psubscribe',
  async open(hearing, { cluster, prefix }) {
    const client = new Cluster(cluster.nodes.map(({ host, port }) => ({ host, port })));
    client.on('error', () => undefined);
    client.on('pmessage', (_pattern: string, channel: string, event: string) => hear(hearing, event, channel, ''));
    await client.psubscribe(patternOf(prefix));
    return { close: () => client.disconnect() };
  }
};
