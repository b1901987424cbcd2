import assert from 'node:assert/strict';
import { createCluster } from '@redis/client';
import { matrix } from '../servers/matrix';
import { stopAll } from '../standalone/running-servers';
import type { ClusterNode } from './cluster-node';
import { slotOf } from './slot-key';
import { startCluster } from './start-cluster';
import type { TestCluster } from './test-cluster';

matrix('cluster in peace', server => {
  let cluster: TestCluster;
  let a: ClusterNode;
  let b: ClusterNode;

  before(async () => {
    cluster = await startCluster(server, { replicas: 1 });
    [a, b] = await cluster.primaries();
  });

  after(stopAll);

  it('has three primaries with a replica each, and serves a client', async () => {
    assert.equal((await cluster.primaries()).length, 3);
    for (const primary of await cluster.primaries()) {
      assert.equal((await cluster.replicas(primary)).length, 1);
    }
    const client = createCluster({ rootNodes: cluster.rootNodes });
    await client.connect();
    await client.set('key', 'value');
    assert.equal(await (await cluster.ownerOf('key')).command('GET', 'key'), 'value');
    client.destroy();
  });

  it('makes keys of a node and of a slot', async () => {
    const keys = await cluster.keysFor(a, 6_000, 'p:');
    const owned = new Set(await cluster.slotsOf(a));
    assert.equal(new Set(keys).size, 6_000);
    assert(keys.every(key => key.startsWith('p:') && owned.has(slotOf(key))));
    assert.equal(slotOf(await cluster.keyFor(12_345)), 12_345);
    assert.equal(await cluster.ownerOf(await cluster.keyFor(b)), b);
  });

  it('moves slots with their keys by MIGRATE', async () => {
    const keys = (await cluster.keysFor(a, 250)).slice(0, 3);
    const slots = keys.map(slotOf);
    await Promise.all(keys.map(key => a.command('SET', key, key)));
    await cluster.moveSlots(a, b, slots);
    assert.equal(await cluster.ownerOf(slots[0]), b);
    assert.deepEqual(await Promise.all(keys.map(key => b.command('GET', key))), keys);
    await assert.rejects(a.command('GET', keys[0]), /MOVED/);
    await cluster.moveSlots(b, a, slots);
    await cluster.waitUntilStable();
  });

  it('moves step by step, carries any bytes and more than a batch, and gives up', async () => {
    const tag = (await cluster.keysFor(a, 1_000)).at(-1)!;
    const slots = [slotOf(tag)];
    const keys = Array.from({ length: 150 }, (_, index) =>
      Buffer.concat([Buffer.from(tag), Buffer.from([0xff, index])])
    );
    await Promise.all(keys.map(key => a.command('SET', key, 'v')));
    await cluster.beginSlotMove(a, b, slots);
    assert.equal((await a.self()).migrating.get(slots[0]), b.id);
    assert.equal((await b.self()).importing.get(slots[0]), a.id);
    await cluster.abandonSlotMove(a, b, slots);
    assert.equal((await a.self()).migrating.size + (await b.self()).importing.size, 0);
    await cluster.beginSlotMove(a, b, slots);
    assert.equal(await cluster.migrateKeys(a, b, slots), 150);
    await cluster.finishSlotMove(a, b, slots);
    assert.equal(await b.command('CLUSTER', 'COUNTKEYSINSLOT', slots[0]), 150);
    await cluster.moveSlots(b, a, slots);
  });

  it('gives a move up and carries back what has moved', async () => {
    const key = (await cluster.keysFor(a, 1_100)).at(-1)!;
    const slots = [slotOf(key)];
    await a.command('SET', key, 'there and back');
    await cluster.beginSlotMove(a, b, slots);
    await cluster.migrateKeys(a, b, slots);
    await cluster.returnSlotMove(a, b, slots);
    assert.equal(await a.command('GET', key), 'there and back');
    assert.equal((await a.self()).migrating.size + (await b.self()).importing.size, 0);
    await cluster.waitUntilStable();
  });

  it('takes slots by force, and what the source still had is gone', async () => {
    const key = (await cluster.keysFor(a, 1_200)).at(-1)!;
    const slots = [slotOf(key)];
    await a.command('SET', key, 'left behind');
    await cluster.beginSlotMove(a, b, slots);
    await cluster.takeSlots(a, b, slots);
    assert.equal(await cluster.ownerOf(key), b);
    assert.equal(await b.command('GET', key), null);
    assert.equal((await a.self()).migrating.size, 0);
    await cluster.moveSlots(b, a, slots);
    await cluster.waitUntilStable();
  });

  if (server.supports('atomicSlotMigration')) {
    it('moves slots atomically, there and back', async () => {
      const key = await cluster.keyFor(a, 'atomic');
      const slots = [slotOf(key)];
      await a.command('SET', key, 'v');
      await cluster.moveSlots(a, b, slots, { method: 'atomic' });
      assert.equal(await b.command('GET', key), 'v');
      await cluster.waitUntilStable();
      await cluster.moveSlots(b, a, slots, { method: 'atomic' });
      assert.equal(await cluster.ownerOf(key), a);
      await cluster.waitUntilStable();
    });

    it('cancels an atomic move', async () => {
      const slots = (await cluster.slotsOf(a)).slice(0, 10);
      // The end that does not command the move hangs, so that it cannot be done before it is cancelled.
      const silent = server.product === 'redis' ? a : b;
      await silent.hang();
      const move = await cluster.beginAtomic(a, b, slots);
      await cluster.cancelAtomic(move);
      silent.resume();
      await assert.rejects(cluster.waitForAtomic(move), /has (cancel|fail)/);
      await cluster.waitUntilStable();
      assert.equal(await cluster.ownerOf(slots[0]), a);
    });
  } else {
    it('refuses an atomic move that the server cannot do', async () => {
      await assert.rejects(cluster.moveSlots(a, b, [0], { method: 'atomic' }), /has no atomic slot migration/);
    });
  }

  it('adds a primary with a replica, gives the replica to another, and removes both', async () => {
    const primary = await cluster.addPrimary();
    const replica = await cluster.addReplica(primary);
    assert.deepEqual(await cluster.replicas(primary), [replica]);
    await cluster.reparentReplica(replica, b);
    assert.deepEqual(await cluster.replicas(primary), []);
    await cluster.waitUntilStable();
    const slots = (await cluster.slotsOf(a)).slice(0, 5);
    await cluster.moveSlots(a, primary, slots);
    await cluster.waitUntilStable();
    assert.equal(await cluster.ownerOf(slots[4]), primary);
    await cluster.moveSlots(primary, a, slots);
    await cluster.removeNode(replica);
    await cluster.removeNode(primary);
    assert.equal(cluster.nodes.length, 6);
    assert.equal((await a.view()).length, 6);
    await cluster.waitUntilStable();
  });

  it('cuts subscribers only', async () => {
    const subscriber = (await a.client()).duplicate();
    const broken = new Promise(resolve => subscriber.on('error', resolve));
    await subscriber.connect();
    await subscriber.subscribe('channel', () => undefined);
    assert.equal(await cluster.cutClients(a), 1);
    await broken;
    assert.equal(await (await a.client()).ping(), 'PONG');
    subscriber.destroy();
  });

  it('fails over on request', async () => {
    const [replica] = await cluster.replicas(a);
    await cluster.failover(replica);
    await cluster.waitUntilStable();
    assert.deepEqual(await cluster.replicas(replica), [a]);
    await cluster.failover(a, 'TAKEOVER');
    await cluster.waitUntilStable();
    assert.deepEqual(await cluster.replicas(a), [replica]);
  });
});

matrix('cluster at war', server => {
  const databases = server.supports('clusterDatabases') ? 3 : 1;
  let cluster: TestCluster;
  let uneven: TestCluster;

  before(async () => {
    [cluster, uneven] = await Promise.all([
      startCluster(server, { replicas: 1, nodeTimeout: 1_000 }),
      startCluster(server, {
        primaries: 2,
        databases,
        slots: [
          [
            [0, 9],
            [20, 16_383]
          ],
          [[10, 19]]
        ]
      })
    ]);
  });

  after(stopAll);

  it('survives a crash, a hang, and the death of all', async () => {
    const [a] = await cluster.primaries();
    const candidates = await cluster.replicas(a);
    await cluster.kill(a);
    const promoted = await cluster.waitForPromotion(candidates);
    await cluster.waitUntilStable();
    assert.deepEqual(candidates, [promoted]);
    await cluster.restart(a);
    await cluster.waitUntilStable();
    assert.deepEqual(await cluster.replicas(promoted), [a]);

    await cluster.hang(promoted);
    assert.equal(await cluster.waitForPromotion([a]), a);
    cluster.resume(promoted);
    await cluster.waitUntilStable();
    assert.deepEqual(await cluster.replicas(a), [promoted]);

    await cluster.killAll();
    assert.equal(
      cluster.nodes.some(node => node.isRunning),
      false
    );
    await cluster.restartAll();
    await cluster.waitUntilStable();
    assert.equal((await cluster.primaries()).length, 3);
  }).timeout(90_000);

  it('gives the slots to whom it is told', async () => {
    const [a, b] = await uneven.primaries();
    assert.equal(await uneven.ownerOf(9), a);
    assert.equal(await uneven.ownerOf(10), b);
  });

  if (databases > 1) {
    it('moves the keys of every database', async () => {
      const [a, b] = await uneven.primaries();
      const key = await uneven.keyFor(a);
      await a.rawCommand(2, 'SET', key, 'two');
      await uneven.moveSlots(a, b, [slotOf(key)]);
      assert.equal(String(await b.rawCommand(2, 'GET', key)), 'two');
    });
  } else {
    it('refuses databases that the server does not have in a cluster', async () => {
      await assert.rejects(startCluster(server, { databases: 3 }), /not 3 \(number\)/);
    });
  }
});
