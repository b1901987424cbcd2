/**
 * `expired` with `for await`, and the prod that makes it punctual: a server says `expired` when it finds that a key
 * is, which may be long after its time; asking for the key makes it look.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { createClient } from 'redis-keyspace';
import { redisUrl } from './support/url';

async function main() {
  const client = await createClient({ url: redisUrl(), keyspace: { notifyKeyspaceEvents: 'enable' } })
    .on('error', error => console.error('error', error))
    .connect();

  const stream = await client.subscribeKeyevent('expired', { keys: { prefix: 'example:timer:' } });

  const waiting = new Set(['1', '2', '3']);
  for (const name of waiting) void startTimer(name, Number(name) * 300);

  for await (const { key } of stream) {
    const name = key.slice('example:timer:'.length);
    // The value has gone with its key: what has to survive is kept in another key, without a time.
    const note = await client.getDel(`example:note:${name}`);
    console.log(`timer ${name} is over: ${note}`);
    waiting.delete(name);
    if (!waiting.size) break; // Leaving the loop ends the subscription.
  }
  await client.close();

  async function startTimer(name: string, milliseconds: number) {
    await client.set(`example:note:${name}`, `set for ${milliseconds} ms`);
    await client.set(`example:timer:${name}`, '', { expiration: { type: 'PX', value: milliseconds } });
    await delay(milliseconds + 1);
    await client.exists(`example:timer:${name}`);
  }
}

main().catch(error => {
  console.error(error);
  process.exitCode = 1;
});
