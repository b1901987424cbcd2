import assert from 'node:assert/strict';
import { matrix, type ClusterNode } from '@redis-keyspace/test-utils';
import { ClusterSuite } from './cluster-suite';
import { Recorder } from './recorder';
import { patternCount, subscriberConnections } from './server-side';

matrix('one subscription hears the whole cluster', server => {
  const suite = new ClusterSuite(server);

  it('hears 300 of 300 keys written over 3 primaries, each exactly once', async () => {
    const client = await suite.connect();
    const recorder = new Recorder();
    const subscription = recorder.follow(await client.subscribeKeyspace('user:*', recorder.listen));
    assert.deepEqual(
      new Set(subscription.coverage.nodes),
      new Set([suite.a, suite.b, suite.c].map(node => node.address))
    );
    assert.deepEqual([subscription.coverage.slots, subscription.coverage.complete], [16_384, true]);
    const keys = Array.from({ length: 300 }, (_, index) => `user:${index}`);
    await Promise.all(keys.map(key => client.set(key, 'value')));
    await subscription.fence();
    recorder.assertOnceEach(keys, 'set');
    assert.equal(recorder.heard.length, 300);
    assert.equal(recorder.nodes().size, 3);
    assert.deepEqual(recorder.gaps, []);
  });

  it('subscribes while every primary is written to as fast as it goes, again and again', async () => {
    const writer = await suite.connect();
    let isWriting = true;
    const lane = async (name: number) => {
      for (let count = 0; isWriting; count++) await writer.set(`busy:${name}:${count}`, 'value');
    };
    const written = Promise.all(Array.from({ length: 30 }, (_, name) => lane(name)));
    try {
      for (let round = 0; round < 5; round++) {
        const recorder = new Recorder();
        const client = await suite.connect();
        recorder.follow(await client.subscribeKeyspace('busy:*', () => undefined));
        const subscription = recorder.follow(await client.subscribeKeyspace('own:*', recorder.listen));
        await client.set('own:key', 'value');
        await subscription.fence();
        recorder.assertOnceEach(['own:key'], 'set');
        assert.deepEqual(recorder.gaps, []);
      }
    } finally {
      isWriting = false;
      await written;
    }
  });

  it('hears a key created on node 1', async () => {
    const client = await suite.connect();
    const recorder = new Recorder();
    const key = await suite.cluster.keyFor(suite.a, 'created:');
    const subscription = await client.subscribeKeyspace(key, recorder.listen);
    await client.set(key, 'value');
    await subscription.fence();
    assert.deepEqual(recorder.heard, [
      { kind: 'keyspace', event: 'set', key, database: 0, subkeys: [], node: suite.a.address }
    ]);
  });

  it('hears a key updated on node 1, by keyspace', async () => {
    const client = await suite.connect();
    const recorder = new Recorder();
    const key = await suite.cluster.keyFor(suite.a, 'updated:');
    await client.set(key, '1');
    const subscription = await client.subscribeKeyspace({ prefix: 'updated:' }, recorder.listen);
    await client.incr(key);
    await client.append(key, '0');
    await subscription.fence();
    assert.deepEqual(recorder.eventsOf(key), ['incrby', 'append']);
    assert.deepEqual([...recorder.nodes()], [suite.a.address]);
  });

  it('hears a key updated on node 2, by keyevent', async () => {
    const client = await suite.connect();
    const recorder = new Recorder();
    const key = await suite.cluster.keyFor(suite.b, 'updated:');
    await client.set(key, '1');
    const subscription = await client.subscribeKeyevent(['incrby', 'append'], recorder.listen);
    await client.incr(key);
    await client.append(key, '0');
    await subscription.fence();
    assert.deepEqual(
      recorder.heard.map(({ kind, event, node }) => [kind, event, node]),
      [
        ['keyevent', 'incrby', suite.b.address],
        ['keyevent', 'append', suite.b.address]
      ]
    );
    assert.equal(recorder.heard[0].key, key);
  });

  it('hears a key deleted on node 3', async () => {
    const client = await suite.connect();
    const byKey = new Recorder();
    const byEvent = new Recorder();
    const key = await suite.cluster.keyFor(suite.c, 'deleted:');
    await client.set(key, 'value');
    await client.subscribeKeyspace(key, byKey.listen);
    await client.subscribeKeyevent('del', byEvent.listen);
    await client.del(key);
    await client.keyspace.fence();
    assert.deepEqual(
      byKey.heard.map(({ event, node }) => [event, node]),
      [['del', suite.c.address]]
    );
    assert.deepEqual(
      byEvent.heard.map(({ key, node }) => [key, node]),
      [[key, suite.c.address]]
    );
  });

  it('hears a pattern over keys of nodes 1, 2 and 3: all, and none twice', async () => {
    const client = await suite.connect();
    const recorder = new Recorder();
    const keys = await suite.keysOfAll(20, 'pattern:');
    const subscription = await client.subscribeKeyspace('pattern:*', recorder.listen);
    await Promise.all(keys.map(key => client.set(key, 'value')));
    await subscription.fence();
    recorder.assertOnceEach(keys);
    const nodes = [suite.a, suite.b, suite.c];
    for (const { key, node } of recorder.heard) assert.equal(node, nodes[Math.floor(keys.indexOf(key) / 20)].address);
  });

  it('tells once what an exact key and several patterns of one subscription all match', async () => {
    const client = await suite.connect();
    const recorder = new Recorder();
    const keys = await suite.keysOfAll(5, 'overlap:');
    const targets = ['overlap:*', 'over*', { prefix: 'overlap:' }, '*:*', { key: keys[0] }, keys[7]];
    const subscription = await client.subscribeKeyspace(targets, recorder.listen);
    const events = new Recorder();
    await client.subscribeKeyevent(['set', 's*', '*'], events.listen, { keys: 'overlap:*' });
    await Promise.all(keys.map(key => client.set(key, 'value')));
    await subscription.fence();
    recorder.assertOnceEach(keys);
    events.assertOnceEach(keys, 'set');
  });

  it('costs the server one pattern for 10 subscriptions of it, and tells each of them', async () => {
    const client = await suite.connect();
    const recorders = Array.from({ length: 10 }, () => new Recorder());
    const handles = await Promise.all(recorders.map(({ listen }) => client.subscribeKeyspace('shared:*', listen)));
    for (const node of [suite.a, suite.b, suite.c]) {
      assert.equal(await patternCount(node), 1);
      assert.deepEqual(await subscriberConnections(node), [{ sub: 0, psub: 1 }]);
    }
    const keys = await suite.keysOfAll(2, 'shared:');
    await Promise.all(keys.map(key => client.set(key, 'value')));
    await client.keyspace.fence();
    for (const recorder of recorders) recorder.assertOnceEach(keys);
    await Promise.all(handles.slice(1).map(handle => handle.unsubscribe()));
    assert.equal(await patternCount(suite.a), 1);
    await handles[0].unsubscribe();
    assert.equal(await patternCount(suite.a), 0);
  });

  it('hears all events of one busy primary while the two others are idle', async () => {
    const client = await suite.connect();
    const recorder = new Recorder();
    const keys = await suite.cluster.keysFor(suite.b, 5_000, 'busy:');
    const subscription = recorder.follow(await client.subscribeKeyevent('set', recorder.listen));
    await Promise.all(keys.map(key => suite.b.command('SET', key, 'value')));
    await subscription.fence();
    recorder.assertOnceEach(keys);
    assert.deepEqual(recorder.gaps, []);
  });

  it('has heard every acknowledged write of several writers when fence() resolves', async () => {
    const client = await suite.connect();
    const recorder = new Recorder();
    const subscription = await client.subscribeKeyspace('fence:*', recorder.listen);
    const written = new Set<string>();
    let stopped = false;
    const write = async (node: ClusterNode) => {
      for (const key of await suite.cluster.keysFor(node, 2_000, 'fence:')) {
        if (stopped) return;
        await node.command('SET', key, 'value');
        written.add(key);
      }
    };
    const writers = Promise.all([suite.a, suite.b, suite.c].map(write));
    for (let round = 0; round < 20; round++) {
      const before = [...written];
      await subscription.fence();
      assert(recorder.hearsAll(before), `round ${round}: an acknowledged write had not been heard`);
    }
    stopped = true;
    await writers;
    await subscription.fence();
    recorder.assertOnceEach([...written]);
  });
});
