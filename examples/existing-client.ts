/** A client that plain `redis` has made, here or in somebody else's code, gets the API. */
import { createClient } from 'redis';
import { withKeyspace } from '@redis-keyspace/client';
import { redisUrl } from './support/url';

async function main() {
  const made = await createClient({ url: redisUrl() })
    .on('error', error => console.error('error', error))
    .connect();

  const client = withKeyspace(made, { notifyKeyspaceEvents: 'enable' });
  console.log('the same object, now with the API:', Object.is(client, made));

  const subscription = await client.subscribeKeyevent(['set', 'del'], ({ event, key, database }) => {
    console.log(`${event} ${key} in database ${database}`);
  });

  // The client is as usable as before: notifications come by a connection of their own.
  await made.set('example:existing', '1');
  await made.del('example:existing');
  await subscription.fence();

  await made.close(); // Ends the subscription and its connection too.
}

main().catch(error => {
  console.error(error);
  process.exitCode = 1;
});
