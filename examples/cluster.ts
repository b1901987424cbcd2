/** A cluster: one call hears every primary, whichever of them a key is on. */
import { createCluster } from 'redis-keyspace';
import { redisUrl } from './support/url';

async function main() {
  const cluster = await createCluster({
    rootNodes: [{ url: redisUrl() }],
    // Adds the missing notify-keyspace-events flags on every node. The default only warns of them.
    keyspace: { notifyKeyspaceEvents: 'enable' }
  })
    .on('error', error => console.error('error', error))
    .connect();

  const subscription = await cluster.subscribeKeyspace('example:*', ({ event, key, node }) => {
    console.log(`${node} says ${event} of ${key}`);
  });
  subscription.on('gap', gap => console.log(`something may be missing: ${gap.reason} at ${gap.node}`));
  subscription.on('recovered', gap => console.log(`complete again, after ${gap.reason}`));

  const { slots, nodes, complete } = subscription.coverage;
  console.log(`hearing ${slots} slots on ${nodes.length} primaries, ${complete ? 'all there are' : 'not all yet'}`);

  const keys = Array.from({ length: 9 }, (_, index) => `example:${index}`);
  for (const key of keys) await cluster.set(key, 'hello');
  for (const key of keys) await cluster.del(key);

  await subscription.fence(); // Everything written so far has been heard.
  await cluster.close();
}

main().catch(error => {
  console.error(error);
  process.exitCode = 1;
});
