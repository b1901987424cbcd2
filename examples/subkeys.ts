/** Hash fields (Redis 8.8 and later): which fields of a hash were written, deleted, or have expired. */
import { createClient } from 'redis-keyspace';
import { redisUrl } from './support/url';

async function main() {
  const client = await createClient({ url: redisUrl(), keyspace: { notifyKeyspaceEvents: 'enable' } })
    .on('error', error => console.error('error', error))
    .connect();

  // A server that does not know these channels accepts the subscription and stays silent: the check tells.
  client.keyspace.on('warning', ({ message }) => console.log(message));

  await client.subscribeSubkeyspace('example:user:*', ({ event, key, subkeys }) => {
    console.log(`${event} of ${key}: ${subkeys.join(', ')}`);
  });
  await client.subscribeSubkeyspaceItem('example:user:1', 'email', ({ event }) => {
    console.log(`the e-mail address of user 1: ${event}`);
  });
  await client.subscribeSubkeyspaceEvent('hdel', 'example:user:1', ({ subkeys }) => {
    console.log(`user 1 has lost ${subkeys.join(', ')}`);
  });

  await client.hSet('example:user:1', { name: 'Ann', email: 'ann@example.org' });
  await client.hDel('example:user:1', 'email');
  await client.del('example:user:1'); // The hash as a whole: no message by field.

  await client.keyspace.fence();
  await client.close();
}

main().catch(error => {
  console.error(error);
  process.exitCode = 1;
});
