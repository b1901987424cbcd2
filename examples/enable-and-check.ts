/** Are notifications on, on every node? `check()` only looks, `enable()` adds exactly what is missing. */
import { createClient } from 'redis-keyspace';
import { redisUrl } from './support/url';

async function main() {
  const client = await createClient({ url: redisUrl(), keyspace: { notifyKeyspaceEvents: 'ignore' } })
    .on('error', error => console.error('error', error))
    .connect();

  // What is needed follows from what is subscribed: here K for the channel by key, $ for strings, x for `expired`.
  await client.subscribeKeyspace('example:*', ({ event, key }) => console.log(event, key), {
    events: ['set', 'expired']
  });

  for (const { node, role, flags, required, missing, hint, error } of await client.keyspace.check()) {
    console.log(`${node} (${role}) has "${flags ?? 'unknown'}", needs "${required}", lacks "${missing}"`);
    if (hint) console.log(`  ${hint}`);
    if (error) console.log(`  it said: ${error}`);
  }

  for (const { node, flags, missing } of await client.keyspace.enable()) {
    console.log(`${node} now has "${flags ?? 'unknown'}", lacks "${missing}"`);
  }

  await client.set('example:enabled', 'yes');
  await client.keyspace.fence();
  await client.del('example:enabled');
  await client.close();
}

main().catch(error => {
  console.error(error);
  process.exitCode = 1;
});
