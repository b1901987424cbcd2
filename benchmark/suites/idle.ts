import { setTimeout as delay } from 'node:timers/promises';
import { startCluster } from '@redis-keyspace/test-utils';
import { createCluster } from 'redis-keyspace';
import { atMost, type Suite } from './suite';

const GOAL = 0.01;
const percent = (share: number) => `${(share * 100).toFixed(2)} %`;

/** What a subscription costs while nothing happens: heartbeats and looks at the topology of 3 primaries and 3 replicas. */
export const idle: Suite = async ({ quick, server, progress }) => {
  const duration = quick ? 5_000 : 20_000;
  await using servers = await startCluster(server, { primaries: 3, replicas: 1 });
  const cluster = await createCluster({ rootNodes: servers.rootNodes }).on('error', console.error).connect();
  try {
    progress('idle: connected, not subscribed');
    const before = await share(duration);
    await cluster.subscribeKeyspace('*', () => undefined);
    progress('idle: subscribed');
    const after = await share(duration);
    return {
      title: `Idle, 6 nodes of ${server.label}, ${duration / 1_000} s`,
      columns: ['state', 'share of a core'],
      rows: [
        ['connected', percent(before)],
        ['one pattern subscribed', percent(after)]
      ],
      goals: [atMost('one pattern subscribed', after, GOAL, percent)]
    };
  } finally {
    cluster.destroy();
  }
};

async function share(duration: number): Promise<number> {
  // What connecting and subscribing left to do.
  await delay(1_000);
  const since = process.cpuUsage();
  await delay(duration);
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1_000 / duration;
}
