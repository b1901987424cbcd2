import assert from 'node:assert/strict';
import { matrix, slotOf, waitFor, type ClusterNode } from '@redis-keyspace/test-utils';
import { ClusterSuite } from './cluster-suite';
import { Recorder } from './recorder';

matrix('slots move', server => {
  const suite = new ClusterSuite(server);

  /** Keys of one slot of node 1 that nobody else here uses. */
  let turn = 0;
  const keysOfOneSlot = async (count: number, prefix: string) => {
    const [own] = (await suite.cluster.keysFor(suite.a, 100 + turn)).slice(99 + turn++);
    const keys = Array.from({ length: count }, (_, index) => `${prefix}${index}:${own}`);
    return { keys, slots: [slotOf(own)] };
  };

  it('hears pre-defined keys before and after their slots move from node 1 to node 2', async () => {
    const { cluster, a, b } = suite;
    const client = await suite.connect();
    const byKey = new Recorder();
    const byEvent = new Recorder();
    const { keys, slots } = await keysOfOneSlot(10, 'pre:');
    await Promise.all(keys.map(key => a.command('SET', key, '0')));
    byKey.follow(await client.subscribeKeyspace('pre:*', byKey.listen));
    byEvent.follow(await client.subscribeKeyevent('append', byEvent.listen));
    await Promise.all(keys.map(key => client.append(key, '1')));
    await client.keyspace.fence();
    byKey.assertOnceEach(keys, 'append');
    byEvent.assertOnceEach(keys, 'append');
    await cluster.moveSlots(a, b, slots);
    byKey.clear();
    byEvent.clear();
    await Promise.all(keys.map(key => client.append(key, '2')));
    await client.keyspace.fence();
    byKey.assertOnceEach(keys);
    byEvent.assertOnceEach(keys);
    for (const recorder of [byKey, byEvent]) {
      assert.deepEqual([...recorder.nodes()], [b.address]);
      assert.deepEqual(recorder.gaps, []);
    }
  });

  it('hides the del and restore of the move itself', async () => {
    const { cluster, a, b } = suite;
    const client = await suite.connect();
    const byKey = new Recorder();
    const byEvent = new Recorder();
    const { keys, slots } = await keysOfOneSlot(50, 'hidden:');
    await Promise.all(keys.map(key => a.command('SET', key, '0')));
    await client.subscribeKeyspace('hidden:*', byKey.listen);
    await client.subscribeKeyevent(['del', 'restore'], byEvent.listen);
    await cluster.moveSlots(a, b, slots);
    await client.keyspace.fence();
    assert.deepEqual(byKey.heard, []);
    assert.deepEqual(byEvent.heard, []);
    assert.equal(client.keyspace.status().hidden, 200, '50 keys, 2 halves, on 2 channels each');
  });

  it('hides the del of the move from who hears nothing but del, and no DEL of a user', async () => {
    const { cluster, a, b } = suite;
    const client = await suite.connect();
    const recorder = new Recorder();
    const { keys, slots } = await keysOfOneSlot(30, 'lone:');
    await Promise.all(keys.map(key => a.command('SET', key, '0')));
    await client.subscribeKeyevent('del', recorder.listen);
    await cluster.moveSlots(a, b, slots);
    await client.del(keys[7]);
    await client.keyspace.fence();
    assert.deepEqual(
      recorder.heard.map(({ key, event }) => `${event} ${key}`),
      [`del ${keys[7]}`]
    );
  });

  it("shows the del and restore of the move with slotMigration: 'show'", async () => {
    const { cluster, a, b } = suite;
    const client = await suite.connect();
    const shown = new Recorder();
    const hidden = new Recorder();
    const { keys, slots } = await keysOfOneSlot(20, 'shown:');
    await Promise.all(keys.map(key => a.command('SET', key, '0')));
    await client.subscribeKeyspace('shown:*', shown.listen, { slotMigration: 'show' });
    await client.subscribeKeyspace('shown:*', hidden.listen);
    await cluster.moveSlots(a, b, slots);
    await client.keyspace.fence();
    shown.assertOnceEach(keys, 'restore');
    shown.assertOnceEach(keys, 'del');
    assert.deepEqual(hidden.heard, []);
  });

  it("hears a user's DEL during the move, at either end", async () => {
    const { cluster, a, b } = suite;
    const client = await suite.connect();
    const recorder = new Recorder();
    const { keys, slots } = await keysOfOneSlot(10, 'userdel:');
    await Promise.all(keys.map(key => a.command('SET', key, '0')));
    await client.subscribeKeyspace('userdel:*', recorder.listen);
    await cluster.beginSlotMove(a, b, slots);
    await a.command('DEL', keys[0]);
    await cluster.migrateKeys(a, b, slots);
    await client.del(keys[1]);
    await cluster.finishSlotMove(a, b, slots);
    await client.del(keys[2]);
    await client.keyspace.fence();
    recorder.assertOnceEach(keys.slice(0, 3));
    recorder.assertOnceEach(keys.slice(0, 3), 'del');
  });

  it('hears ASK-redirected writes of a slot that is moving, each once', async () => {
    const { cluster, a, b } = suite;
    const client = await suite.connect();
    const recorder = new Recorder();
    const { keys, slots } = await keysOfOneSlot(30, 'ask:');
    const [staying, moved, created] = [keys.slice(0, 10), keys.slice(10, 20), keys.slice(20)] as [
      string[],
      string[],
      string[]
    ];
    await Promise.all([...staying, ...moved].map(key => a.command('SET', key, '0')));
    await client.subscribeKeyspace('ask:*', recorder.listen);
    await cluster.beginSlotMove(a, b, slots);
    for (const key of moved) await a.command('MIGRATE', b.host, b.port, key, 0, 5_000);
    await Promise.all(keys.map(key => client.set(key, '1')));
    await client.keyspace.fence();
    recorder.assertOnceEach(keys);
    const said = new Map(recorder.heard.map(({ key, node }) => [key, node]));
    for (const key of staying) assert.equal(said.get(key), a.address);
    for (const key of [...moved, ...created]) assert.equal(said.get(key), b.address);
    await cluster.migrateKeys(a, b, slots);
    await cluster.finishSlotMove(a, b, slots);
    await Promise.all(keys.map(key => client.append(key, '2')));
    await client.keyspace.fence();
    recorder.assertOnceEach(keys, 'set');
    recorder.assertOnceEach(keys, 'append');
  });

  it('hears each of the writes that go on during a move, once and in the order of their key', async () => {
    const { cluster, a, b } = suite;
    const client = await suite.connect();
    const recorder = new Recorder();
    const { keys, slots } = await keysOfOneSlot(4, 'busy:');
    recorder.follow(await client.subscribeKeyspace('busy:*', recorder.listen));
    const slotsSeen = ({ address }: ClusterNode) => {
      return client.keyspace.status().nodes.find(({ node }) => node === address)!.slots;
    };
    let moving = true;
    const writer = async (key: string) => {
      let count = 0;
      while (moving || count < 10) {
        await client.set(key, String(count));
        await client.append(key, 'x');
        count++;
      }
      return [key, count] as const;
    };
    const writers = Promise.all(keys.map(writer));
    for (const [from, to] of [
      [a, b],
      [b, a],
      [a, b]
    ] as const) {
      const before = slotsSeen(to);
      await cluster.moveSlots(from, to, slots);
      await waitFor('the move to be seen', () => slotsSeen(to) === before + 1);
    }
    moving = false;
    const written = await writers;
    await client.keyspace.fence();
    for (const [key, count] of written) {
      assert.deepEqual(
        recorder.eventsOf(key),
        Array.from({ length: 2 * count }, (_, index) => (index % 2 ? 'append' : 'set'))
      );
    }
    assert.deepEqual(recorder.gaps, []);
  });
});
