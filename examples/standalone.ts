/** One server: keys and events, with filters, and how a subscription ends. */
import { createClient } from 'redis-keyspace';
import { redisUrl } from './support/url';

async function main() {
  const client = await createClient({ url: redisUrl(), keyspace: { notifyKeyspaceEvents: 'enable' } })
    .on('error', error => console.error('error', error))
    .connect();

  // By key, and of its events only these.
  const sessions = await client.subscribeKeyspace(
    { prefix: 'example:session:' },
    ({ event, key }) => console.log(`a session: ${event} ${key}`),
    { events: ['set', 'expired', 'del'] }
  );

  // By event, and of its keys only these.
  await using deletions = await client.subscribeKeyevent('del', ({ key }) => console.log(`deleted: ${key}`), {
    keys: 'example:*'
  });

  await client.set('example:session:1', 'Ann');
  await client.expire('example:session:1', 100); // 'expire' is not among the events that were asked for.
  await client.del('example:session:1');

  await client.keyspace.fence();
  await sessions.unsubscribe();
  await client.set('example:session:2', 'Bob'); // Nobody listens to sessions any more.
  await client.del('example:session:2'); // This is heard by event.
  await deletions.fence();
  await client.close();
}

main().catch(error => {
  console.error(error);
  process.exitCode = 1;
});
