/**
 * A program for `process-exit.spec.ts`: `node ending-process.mjs <kind> <scenario> <options as JSON>`. It hears its
 * own writes, does what the scenario says, prints what it saw, and never calls `process.exit()`.
 */
import process from 'node:process';
import { createClient, createClientPool, createCluster, createSentinel } from 'redis-keyspace';

const make = {
  client: createClient,
  pool: options => createClientPool(options, { minimum: 1 }),
  cluster: createCluster,
  sentinel: createSentinel
};

const scenarios = {
  async close(client) {
    await listen(client);
    await client.close();
  },
  async destroy(client) {
    await listen(client);
    await client.destroy();
  },
  async unsubscribe(client) {
    const subscription = await listen(client);
    await subscription.unsubscribe();
    await client.close();
  },
  async iterate(client) {
    const stream = await client.subscribeKeyspace('exit:*');
    const heard = read(stream);
    await client.set('exit:key', 'value');
    await stream.fence();
    await client.close();
    console.log(`the iterator ended after ${await heard}`);
  },
  /** Nobody reads it when the client is closed. */
  async abandon(client) {
    await client.subscribeKeyevent('*', { database: 'all' });
    await client.set('exit:key', 'value');
    await client.close();
  }
};

async function listen(client) {
  let heard;
  const first = new Promise(resolve => (heard = resolve));
  const subscription = await client.subscribeKeyspace('exit:*', ({ event }) => heard(event));
  subscription.on('end', () => console.log('the subscription ended'));
  await client.set('exit:key', 'value');
  console.log(`heard ${await first}`);
  return subscription;
}

async function read(stream) {
  let count = 0;
  for await (const batch of stream.batches()) count += batch.length;
  return count;
}

const [kind, scenario, options] = process.argv.slice(2);
const client = make[kind](JSON.parse(options));
client.on('error', error => {
  console.error(error);
  process.exitCode = 1;
});
await client.connect();
await scenarios[scenario](client);
console.log('done');
