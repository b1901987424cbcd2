import assert from 'node:assert/strict';
import { matrix, startSentinel, waitFor, type TestSentinel } from '@redis-keyspace/test-utils';
import { ClusterSuite } from './cluster-suite';
import { NETWORK_ERRORS } from './error-log';
import { perSuite } from './resources';
import { Clients } from './clients';
import { StandaloneSuite } from './standalone-suite';

interface Subscriber extends NodeJS.EventEmitter {
  subscribeKeyspace(target: string, listener: () => void): Promise<{ unsubscribe(): Promise<void> }>;
}

/** What the user has added stays, whatever we add and take away. */
async function keepsListeners(client: Subscriber, meanwhile?: () => Promise<unknown>): Promise<void> {
  const before = client.eventNames().map(name => [name, client.listeners(name)]);
  const subscription = await client.subscribeKeyspace('a*', () => undefined);
  await meanwhile?.();
  await subscription.unsubscribe();
  await waitFor('our own listeners to be gone', () => client.eventNames().length === before.length);
  assert.deepEqual(
    client.eventNames().map(name => [name, client.listeners(name)]),
    before
  );
  assert.equal(client.listenerCount('error'), 1);
}

matrix('the listeners of the user', binary => {
  const clients = new Clients();

  describe('of a client', () => {
    const suite = new StandaloneSuite(binary);

    it('stay when a subscription ends', async () => keepsListeners(await suite.connect()));

    if (binary.supports('pushesBetweenReplies')) {
      it('stay when the connection is shared, and lost', async () => {
        const client = await suite.connect({ keyspace: { shareConnection: true }, expects: NETWORK_ERRORS });
        await keepsListeners(client, async () => {
          const ready = new Promise(resolve => client.once('ready', resolve));
          await suite.server.restart();
          await ready;
        });
      });
    }
  });

  describe('of a cluster', () => {
    const suite = new ClusterSuite(binary);

    it('stay when a subscription ends', async () => keepsListeners(await suite.connect()));
  });

  describe('of a Sentinel client', () => {
    const resources = perSuite();
    let sentinel: TestSentinel;
    before(async () => {
      sentinel = resources.add(await startSentinel(binary, { sentinels: 1 }), opened => opened.stop());
    });

    it('stay when a subscription ends', async () => keepsListeners(await clients.sentinel(sentinel)));
  });
});
