import { startStandalone } from '@redis-keyspace/test-utils';
import { createClient } from 'redis-keyspace';
import { median } from '../median';
import { atMost, type Suite } from './suite';

const GOAL = 2;

/** Many exact keys in one call, against one `subscribe` of the same list by node-redis alone. */
export const exactKeys: Suite = async ({ quick, server, progress }) => {
  const count = quick ? 20_000 : 100_000;
  const rounds = quick ? 3 : 7;
  const keys = Array.from({ length: count }, (_, index) => `user:${index}`);
  const times = { bare: [] as number[], ours: [] as number[] };
  await using redis = await startStandalone(server);
  for (let round = 1; round <= rounds; round++) {
    progress(`exact keys: round ${round} of ${rounds}`);
    times.bare.push(await subscribeBare(redis.url, keys));
    times.ours.push(await subscribeOurs(redis.url, keys));
  }
  const ratio = median(times.ours.map((time, round) => time / times.bare[round]));
  const milliseconds = (values: readonly number[]) => `${Math.round(median(values))} ms`;
  return {
    title: `${count.toLocaleString('en')} exact keys in one call, ${server.label}: median of ${rounds} rounds`,
    columns: ['contender', 'wall time', 'ratio'],
    rows: [
      ['node-redis subscribe(channels)', milliseconds(times.bare), '1.00'],
      ['subscribeKeyspace(keys)', milliseconds(times.ours), ratio.toFixed(2)]
    ],
    goals: [atMost('wall time against one bare subscribe', ratio, GOAL)]
  };
};

async function subscribeBare(url: string, keys: readonly string[]): Promise<number> {
  const client = await createClient({ url }).on('error', console.error).connect();
  const since = performance.now();
  await client.subscribe(
    keys.map(key => `__keyspace@0__:${key}`),
    () => undefined
  );
  const time = performance.now() - since;
  client.destroy();
  return time;
}

/** The connection for notifications is made within the call, and counts. */
async function subscribeOurs(url: string, keys: readonly string[]): Promise<number> {
  const client = await createClient({ url }).on('error', console.error).connect();
  const since = performance.now();
  await client.subscribeKeyspace(keys, () => undefined);
  const time = performance.now() - since;
  client.destroy();
  return time;
}
