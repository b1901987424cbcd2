import assert from 'node:assert/strict';
import { matrix, slotOf, waitFor, type ClusterNode } from '@redis-keyspace/test-utils';
import { ClusterSuite } from './cluster-suite';
import { Recorder } from './recorder';
import { channelSubscribers, subscriberConnections } from './server-side';

/** With these beside it a key is one of many, each of which is subscribed at its owner only. */
const OTHERS = Array.from({ length: 1_000 }, (_, index) => `other:${index}`);

matrix('an exact key in a cluster', server => {
  const suite = new ClusterSuite(server);
  const keyspace = { topologyRefreshInterval: 200 };
  const perNode = (channel: string) => {
    return Promise.all([suite.a, suite.b, suite.c].map(node => channelSubscribers(node, channel)));
  };

  it('is subscribed at its owner only, as one of many', async () => {
    const client = await suite.connect();
    const key = await suite.cluster.keyFor(suite.b, 'exact:');
    await client.subscribeKeyspace(OTHERS, () => undefined);
    const subscription = await client.subscribeKeyspace(key, () => undefined);
    assert.deepEqual(await perNode(`__keyspace@0__:${key}`), [0, 1, 0]);
    assert.deepEqual(subscription.coverage, { slots: 1, nodes: [suite.b.address], complete: true });
    await subscription.unsubscribe();
    assert.deepEqual(await perNode(`__keyspace@0__:${key}`), [0, 0, 0]);
  });

  it('is subscribed at every primary, as one of few, and counts as heard at its owner', async () => {
    const client = await suite.connect();
    const key = await suite.cluster.keyFor(suite.b, 'few:');
    const subscription = await client.subscribeKeyspace(key, () => undefined);
    assert.deepEqual(await perNode(`__keyspace@0__:${key}`), [1, 1, 1]);
    assert.deepEqual(await subscriberConnections(suite.b), [{ sub: 1, psub: 0 }]);
    assert.deepEqual(subscription.coverage, { slots: 1, nodes: [suite.b.address], complete: true });
    await subscription.unsubscribe();
    assert.deepEqual(await perNode(`__keyspace@0__:${key}`), [0, 0, 0]);
  });

  it('is heard without a gap, as one of few, whatever is redirected before anybody sees the move', async () => {
    const { cluster, a, b } = suite;
    const client = await suite.connect();
    const recorder = new Recorder();
    const key = (await cluster.keysFor(a, 65, 'redirected:')).at(-1)!;
    const slots = [slotOf(key)];
    recorder.follow(await client.subscribeKeyspace(key, recorder.listen));
    await cluster.beginSlotMove(a, b, slots);
    await client.set(key, '1');
    await cluster.migrateKeys(a, b, slots);
    await client.append(key, '2');
    await cluster.finishSlotMove(a, b, slots);
    await client.append(key, '3');
    await client.keyspace.fence();
    assert.deepEqual([recorder.eventsOf(key), recorder.gaps], [['set', 'append', 'append'], []]);
  });

  it('is followed when its slot moves, by a client that sends no command', async () => {
    const { cluster, a, b } = suite;
    const client = await suite.connect({ keyspace });
    const recorder = new Recorder();
    const key = (await cluster.keysFor(a, 50, 'pure:')).at(-1)!;
    const channel = `__keyspace@0__:${key}`;
    await a.command('SET', key, '0');
    const subscription = recorder.follow(
      await client.subscribeKeyspace([key, ...OTHERS], recorder.listen, { events: 'append' })
    );
    for (const [from, to] of [
      [a, b],
      [b, a]
    ] as [ClusterNode, ClusterNode][]) {
      recorder.clear();
      await cluster.moveSlots(from, to, [slotOf(key)]);
      await waitFor('the key to be followed', async () => {
        return (await channelSubscribers(to, channel)) === 1 && (await channelSubscribers(from, channel)) === 0;
      });
      assert.equal(subscription.coverage.complete, true);
      await to.command('APPEND', key, '1');
      await subscription.fence();
      assert.deepEqual(
        recorder.heard.map(({ event, node }) => [event, node]),
        [['append', to.address]]
      );
    }
  });

  it('hides the del of the move itself', async () => {
    const { cluster, a, b } = suite;
    const client = await suite.connect();
    const recorder = new Recorder();
    const key = (await cluster.keysFor(a, 55, 'phantom:')).at(-1)!;
    await a.command('SET', key, '0');
    const subscription = await client.subscribeKeyspace(key, recorder.listen);
    await cluster.moveSlots(a, b, [slotOf(key)]);
    await subscription.fence();
    assert.deepEqual(recorder.eventsOf(key), []);
  });

  it("hears a user's DEL at the source while its slot moves, and tells a gap of what the target may have said", async () => {
    const { cluster, a, b } = suite;
    const client = await suite.connect();
    const recorder = new Recorder();
    const own = (await cluster.keysFor(a, 70)).at(-1)!;
    const slots = [slotOf(own)];
    const [source, target, carried] = ['source', 'target', 'carried'].map(name => `${name}:${own}`);
    for (const key of [source, target, carried]) await a.command('SET', key, '0');
    recorder.follow(await client.subscribeKeyspace([source, target, carried, ...OTHERS], recorder.listen));
    await cluster.beginSlotMove(a, b, slots);
    await a.command('DEL', source);
    await cluster.migrateKeys(a, b, slots);
    const redirectedAt = Date.now();
    await client.del(target);
    await client.keyspace.fence();
    assert.deepEqual([recorder.eventsOf(source), recorder.eventsOf(carried)], [['del'], []]);
    if (!recorder.hears(target)) {
      await waitFor('recovered', () => recorder.recovered.length);
      const [gap] = recorder.recovered;
      assert.deepEqual([gap.reason, gap.node, gap.slots], ['slots-moved', b.address, [[slots[0], slots[0]]]]);
      assert(gap.since.getTime() <= redirectedAt && gap.until!.getTime() >= redirectedAt);
    }
    await cluster.finishSlotMove(a, b, slots);
  });

  it('is heard at both ends of a move that is under way', async () => {
    const { cluster, a, b } = suite;
    const client = await suite.connect({ keyspace });
    const recorder = new Recorder();
    const key = (await cluster.keysFor(a, 60, 'both:')).at(-1)!;
    const channel = `__keyspace@0__:${key}`;
    const slots = [slotOf(key)];
    await a.command('SET', key, '0');
    recorder.follow(await client.subscribeKeyspace([key, ...OTHERS], recorder.listen));
    await cluster.beginSlotMove(a, b, slots);
    await waitFor('both ends to be subscribed', async () => {
      return (await channelSubscribers(b, channel)) === 1 && (await channelSubscribers(a, channel)) === 1;
    });
    await waitFor('nothing to be in doubt', () => recorder.recovered.length === recorder.gaps.length);
    await client.append(key, '1');
    await cluster.migrateKeys(a, b, slots);
    await client.append(key, '2');
    await cluster.finishSlotMove(a, b, slots);
    await client.append(key, '3');
    await client.keyspace.fence();
    assert.deepEqual(recorder.eventsOf(key), ['append', 'append', 'append']);
    assert(recorder.gaps.length <= 1, 'in doubt again after the move had been seen');
    await waitFor('the old owner to be let go', async () => (await channelSubscribers(a, channel)) === 0);
  });

  it('shares one channel among its listeners, and one connection per node with the other keys', async () => {
    const client = await suite.connect();
    const keys = await suite.cluster.keysFor(suite.a, 100, 'many:');
    const recorders = [new Recorder(), new Recorder()];
    await Promise.all(recorders.map(({ listen }) => client.subscribeKeyspace(keys, listen)));
    assert.deepEqual(await subscriberConnections(suite.a), [{ sub: 100, psub: 0 }]);
    await Promise.all(keys.map(key => suite.a.command('SET', key, 'value')));
    await client.keyspace.fence();
    for (const recorder of recorders) recorder.assertOnceEach(keys);
  });
});
