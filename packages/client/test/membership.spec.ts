import assert from 'node:assert/strict';
import { matrix, slotOf, waitFor, type ClusterNode } from '@redis-keyspace/test-utils';
import { ClusterSuite } from './cluster-suite';
import { NETWORK_ERRORS } from './error-log';
import { Recorder } from './recorder';
import { clientConnections, patternCount } from './server-side';

matrix('nodes come and go', server => {
  const suite = new ClusterSuite(server);

  it('hears the events of a node that was added, and of slots moved to it when freshly met', async () => {
    const { cluster, a } = suite;
    const client = await suite.connect();
    const recorder = new Recorder();
    const events = new Recorder();
    const keys = (await cluster.keysFor(a, 15, 'met:')).slice(0, 15);
    const exact = keys[3];
    await Promise.all(keys.map(key => a.command('SET', key, '0')));
    recorder.follow(await client.subscribeKeyspace('met:*', recorder.listen));
    await client.subscribeKeyevent('append', events.listen);
    const single = new Recorder();
    const handle = await client.subscribeKeyspace(exact, single.listen, { events: 'append' });
    const added = await cluster.addPrimary();
    await waitFor('the node without slots to be subscribed', async () => (await patternCount(added)) === 1);
    await cluster.moveSlots(a, added, keys.map(slotOf));
    await waitFor('the exact key to be followed', () => handle.coverage.nodes[0] === added.address);
    await Promise.all(keys.map(key => added.command('APPEND', key, '1')));
    await client.keyspace.fence();
    recorder.assertOnceEach(keys);
    recorder.assertOnceEach(keys, 'append');
    events.assertOnceEach(keys);
    single.assertOnceEach([exact]);
    assert.deepEqual([...recorder.nodes()], [added.address]);
    assert.deepEqual(handle.coverage, { slots: 1, nodes: [added.address], complete: true });
    assert.deepEqual(recorder.gaps, []);
  });

  it('goes on without a gap when a node is removed, and keeps no connection for it', async () => {
    const { cluster, a } = suite;
    const client = await suite.connect({ expects: NETWORK_ERRORS });
    const recorder = new Recorder();
    const subscription = recorder.follow(await client.subscribeKeyspace('left:*', recorder.listen));
    const leaving = (await cluster.primaries()).at(-1)!;
    const slots = await cluster.slotsOf(leaving);
    const keys = await cluster.keysFor(leaving, 15, 'left:');
    await Promise.all(keys.map(key => leaving.command('SET', key, '0')));
    await subscription.fence();
    recorder.assertOnceEach(keys, 'set');
    await cluster.moveSlots(leaving, a, slots);
    await Promise.all(keys.map(key => a.command('APPEND', key, '1')));
    await subscription.fence();
    await waitFor('the slots to be seen at their new owner', () => statusOf(leaving)?.slots === 0);
    await cluster.removeNode(leaving);
    await waitFor('the node to be let go', () => statusOf(leaving) === undefined);
    await Promise.all(keys.map(key => a.command('APPEND', key, '2')));
    await subscription.fence();
    for (const key of keys) assert.deepEqual(recorder.eventsOf(key), ['set', 'append', 'append']);
    assert.deepEqual(recorder.gaps, []);
    assert.equal(subscription.coverage.complete, true);

    function statusOf({ address }: ClusterNode) {
      return client.keyspace.status().nodes.find(({ node }) => node === address);
    }
  });

  it('subscribes a new node before it lets an old owner go', async () => {
    const { cluster, b, c } = suite;
    const client = await suite.connect({ keyspace: { topologyRefreshInterval: 200 } });
    const key = (await cluster.keysFor(b, 40)).at(-1)!;
    // One of many: few are subscribed everywhere.
    const others = Array.from({ length: 1_000 }, (_, index) => `other:${index}`);
    await client.subscribeKeyspace([key, ...others], () => undefined);
    const seen = new Set<string>();
    const channel = `__keyspace@0__:${key}`;
    await cluster.beginSlotMove(b, c, [slotOf(key)]);
    await cluster.finishSlotMove(b, c, [slotOf(key)]);
    await waitFor(
      'the key to be followed',
      async () => {
        const [old, now] = await Promise.all(
          [b, c].map(async node => Number(((await node.command('PUBSUB', 'NUMSUB', channel)) as [string, number])[1]))
        );
        seen.add(`${old},${now}`);
        return old === 0 && now === 1;
      },
      { interval: 1 }
    );
    assert(!seen.has('0,0'), 'there was a time at which nobody was subscribed');
  });

  it('leaves nothing at the servers when the client is destroyed', async () => {
    const { a, b, c } = suite;
    const count = async () => (await Promise.all([a, b, c].map(clientConnections))).join();
    const client = await suite.connect();
    await client.subscribeKeyspace('gone:*', () => undefined);
    await client.subscribeKeyevent('del');
    client.destroy();
    await waitFor('the connections to be closed', async () => (await count()) === '0,0,0');
  });
});
