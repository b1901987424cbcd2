/** Volume: notifications in batches, from a bounded queue that keeps of each key the last when there are too many. */
import { setTimeout as delay } from 'node:timers/promises';
import { createClient } from 'redis-keyspace';
import { redisUrl } from './support/url';

async function main() {
  const client = await createClient({ url: redisUrl(), keyspace: { notifyKeyspaceEvents: 'enable' } })
    .on('error', error => console.error('error', error))
    .connect();

  const stream = await client.subscribeKeyspace(
    { prefix: 'example:counter:' },
    { events: 'incrby', highWaterMark: 500, overflow: 'coalesce' }
  );
  stream.on('gap', gap => console.log(`too many at once: ${gap.reason}`));
  stream.on('recovered', gap => console.log(`done with ${gap.dropped} given up, each followed by a later one`));

  const keys = Array.from({ length: 200 }, (_, index) => `example:counter:${index}`);
  await Promise.all(Array.from({ length: 5_000 }, (_, index) => client.incr(keys[index % keys.length])));
  await stream.fence(); // All have been heard: what is held is in the queue.

  const touched = new Set<string>();
  for await (const batch of stream.batches({ max: 50 })) {
    for (const { key } of batch) touched.add(key);
    console.log(`${batch.length} in a batch, ${touched.size} of ${keys.length} counters seen`);
    await delay(10); // One write to a database for the whole batch, say.
    if (touched.size === keys.length) break;
  }
  await client.del(keys);
  await client.close();
}

main().catch(error => {
  console.error(error);
  process.exitCode = 1;
});
