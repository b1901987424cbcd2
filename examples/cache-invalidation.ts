/**
 * A cache in this process that never serves what is known to be old: a notification removes one entry, and a gap,
 * in which notifications may have been missed, removes all that it may concern.
 */
import { createClient } from 'redis-keyspace';
import { redisUrl } from './support/url';

const PREFIX = 'example:user:';

async function main() {
  const client = await createClient({ url: redisUrl(), keyspace: { notifyKeyspaceEvents: 'enable' } })
    .on('error', error => console.error('error', error))
    .connect();

  const cache = new Map<string, string | null>();
  /** Reads under way: what a notification or a gap concerns meanwhile is not remembered. */
  const reading = new Map<string, symbol>();
  let doubts = 0;

  const subscription = await client.subscribeKeyspace({ prefix: PREFIX }, ({ event, key }) => {
    reading.delete(key);
    if (cache.delete(key)) console.log(`forget ${key}: ${event}`);
  });
  subscription.on('gap', () => {
    doubts++; // In a cluster it would be enough to forget the keys of the gap's slots.
    reading.clear();
    cache.clear();
  });
  subscription.on('recovered', () => doubts--);

  async function read(key: string) {
    const cached = cache.get(key);
    if (cached !== undefined) return cached;
    const token = Symbol();
    if (!doubts) reading.set(key, token);
    const value = await client.get(key);
    if (reading.get(key) === token) {
      reading.delete(key);
      cache.set(key, value);
    }
    return value;
  }

  await client.set(`${PREFIX}1`, 'Ann');
  await subscription.fence();
  console.log('read', await read(`${PREFIX}1`), '- then from the cache', await read(`${PREFIX}1`));
  await client.set(`${PREFIX}1`, 'Anna');
  await subscription.fence(); // Only so that this example need not wait.
  console.log('read', await read(`${PREFIX}1`));
  await client.del(`${PREFIX}1`);
  await client.close();
}

main().catch(error => {
  console.error(error);
  process.exitCode = 1;
});
