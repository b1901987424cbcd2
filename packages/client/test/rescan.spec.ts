import assert from 'node:assert/strict';
import {
  keyInSlot,
  matrix,
  slotOf,
  startSentinel,
  startStandalone,
  waitFor,
  type RedisServer,
  type TestSentinel
} from '@redis-keyspace/test-utils';
import { KeyspaceArgumentError, KeyspaceClosedError, KeyspaceError, type SlotRanges } from '../index';
import { Clients } from './clients';
import { ClusterSuite } from './cluster-suite';
import { NETWORK_ERRORS } from './error-log';
import { Recorder } from './recorder';
import { perSuite } from './resources';
import { clientConnections } from './server-side';

const ALL = { slots: [] };
const noop = () => undefined;

async function read<KEY>(keys: AsyncIterable<KEY>): Promise<KEY[]> {
  const all: KEY[] = [];
  for await (const key of keys) all.push(key);
  return all;
}

const isIn = (slots: SlotRanges, slot: number) => slots.some(([from, to]) => from <= slot && slot <= to);
const sorted = async (keys: AsyncIterable<string>) => (await read(keys)).sort();

matrix('a rescan of a cluster', server => {
  const suite = new ClusterSuite(server, { replicas: 1 });
  /** Keys of all three primaries that no other test has. */
  let turn = 0;
  const write = async (count: number) => {
    const prefix = `rescan${turn++}:`;
    const keys = await suite.keysOfAll(count, prefix);
    await Promise.all(
      [suite.a, suite.b, suite.c].map((node, n) => setAll(node, keys.slice(n * count, (n + 1) * count)))
    );
    return { prefix, keys };
  };
  const setAll = (node: RedisServer, keys: readonly string[]) =>
    Promise.all(keys.map(key => node.command('SET', key, 'value')));

  it("yields the keys of the gap's slots that match, each once, in small steps", async () => {
    const { prefix, keys } = await write(200);
    const client = await suite.connect();
    const subscription = await client.subscribeKeyspace({ prefix }, noop);
    const slots = await suite.cluster.slotsOf(suite.b);
    const ranges: SlotRanges = [[slots[0], slots[slots.length - 1]]];
    const own = keys.filter(key => slots.includes(slotOf(key)));
    assert.deepEqual(await sorted(subscription.rescan({ slots: ranges }, { count: 10 })), own.sort());
    assert.deepEqual(await sorted(subscription.rescan(ALL)), keys.sort());
    const slot = slotOf(keys[0]);
    const ofSlot = keys.filter(key => slotOf(key) === slot);
    assert.deepEqual(await sorted(subscription.rescan({ slots: [[slot, slot]] })), ofSlot.sort());
  });

  it('yields for several targets each key once, exact ones too, and none that is gone', async () => {
    const { prefix, keys } = await write(20);
    const client = await suite.connect();
    const targets = [`${prefix}*`, { prefix: prefix.slice(0, -1) }, { key: keys[0] }, keys[30], `${prefix}absent`];
    const subscription = await client.subscribeKeyspace(targets, noop);
    assert.deepEqual(await sorted(subscription.rescan(ALL)), [...keys].sort());
    const exact = await client.subscribeKeyspace([...keys, `${prefix}absent`], noop);
    assert.deepEqual(await sorted(exact.rescan(ALL, { count: 7 })), [...keys].sort());
    await client.del(keys[1]);
    assert.deepEqual(await sorted(exact.rescan(ALL)), keys.filter((_, index) => index !== 1).sort());
  });

  it('yields for an event all keys, with `keys` only these', async () => {
    const { prefix, keys } = await write(20);
    const client = await suite.connect();
    const all = await client.subscribeKeyevent('expired', noop);
    const sizes = await Promise.all([suite.a, suite.b, suite.c].map(node => node.command('DBSIZE')));
    const found = await read(all.rescan(ALL));
    assert.equal(
      found.length,
      sizes.map(Number).reduce((sum, size) => sum + size)
    );
    const some = await client.subscribeKeyevent('expired', noop, { keys: { prefix } });
    assert.deepEqual(await sorted(some.rescan(ALL)), [...keys].sort());
  });

  it('yields bytes, and strips the keyPrefix, whose glob characters mean themselves', async () => {
    const client = await suite.connect({ keyPrefix: 'p*[x]:' });
    await client.set('one', '1');
    const other = await suite.connect();
    await other.set('pqx:two', '2');
    const key = Buffer.from([0xff, 0xfe, 0x2a]);
    await client.set(key, '3');
    const strings = await client.subscribeKeyspace('o*', noop);
    assert.deepEqual(await read(strings.rescan(ALL)), ['one']);
    const buffers = await client.subscribeKeyevent('set', noop, { bufferMode: true });
    assert.deepEqual(
      (await read(buffers.rescan(ALL))).map(found => found.toString('latin1')).sort(),
      ['one', key.toString('latin1')].sort()
    );
    await client.del(['one']);
    await client.del([key]);
  });

  it('follows slots that are moving, and misses no key of them', async () => {
    const { cluster, a, b } = suite;
    const slot = (await cluster.slotsOf(a))[50 + turn];
    const own = keyInSlot(slot);
    const keys = Array.from({ length: 200 }, (_, index) => `moving${turn}:${index}:${own}`);
    await setAll(a, keys);
    const client = await suite.connect();
    const subscription = await client.subscribeKeyspace(`moving${turn}:*`, noop);
    const exact = await client.subscribeKeyspace(keys, noop);
    const gap = { slots: [[slot, slot]] as const };
    const found = async (keys: AsyncIterable<string>) => [...new Set(await read(keys))].sort();
    const assertAll = async () => {
      assert.deepEqual(await found(subscription.rescan(gap, { count: 10 })), [...keys].sort());
      assert.deepEqual(await found(exact.rescan(gap, { count: 10 })), [...keys].sort());
    };
    await cluster.beginSlotMove(a, b, [slot]);
    await assertAll();
    for (const key of keys.slice(0, 100)) await a.command('MIGRATE', b.host, b.port, key, 0, 5_000);
    await assertAll();
    await cluster.migrateKeys(a, b, [slot]);
    await assertAll();
    await cluster.finishSlotMove(a, b, [slot]);
    await assertAll();
  });

  it('misses no key that exists throughout while slots go there and back', async () => {
    const { cluster, a, b } = suite;
    const slots = (await cluster.slotsOf(a)).slice(100, 110);
    const keys = slots.flatMap(slot => Array.from({ length: 40 }, (_, index) => `${index}:${keyInSlot(slot, 'busy')}`));
    await setAll(a, keys);
    const client = await suite.connect();
    const subscription = await client.subscribeKeyspace('*:busy*', noop);
    let isMoving = true;
    const moving = (async () => {
      for (let round = 0; round < 3; round++) {
        await cluster.moveSlots(a, b, slots);
        await cluster.moveSlots(b, a, slots);
      }
      isMoving = false;
    })();
    let rescans = 0;
    while (isMoving) {
      const found = new Set(await read(subscription.rescan(ALL, { count: 20 })));
      const missed = keys.filter(key => !found.has(key));
      assert.deepEqual(missed, [], `in rescan ${rescans}`);
      rescans++;
    }
    await moving;
    assert(rescans > 0);
  }).timeout(60_000);

  if (server.supports('atomicSlotMigration')) {
    it('misses no key while slots move atomically, and tells none of a data set that is being imported', async () => {
      const { cluster, a, c } = suite;
      const slots = (await cluster.slotsOf(a)).slice(200, 205);
      const keys = slots.flatMap(slot =>
        Array.from({ length: 200 }, (_, index) => `${index}:${keyInSlot(slot, 'atomic')}`)
      );
      await setAll(a, keys);
      const client = await suite.connect();
      const subscription = await client.subscribeKeyspace('*:atomic*', noop);
      let isMoving = true;
      const moving = (async () => {
        await cluster.moveSlots(a, c, slots, { method: 'atomic' });
        isMoving = false;
      })();
      do assert.deepEqual([...new Set(await read(subscription.rescan(ALL, { count: 50 })))].sort(), [...keys].sort());
      while (isMoving);
      await moving;
    }).timeout(60_000);
  }

  it('waits for the successor of a primary that dies meanwhile', async () => {
    const { cluster } = suite;
    const { prefix, keys } = await write(100);
    const client = await suite.connect({ expects: NETWORK_ERRORS });
    const recorder = new Recorder();
    const subscription = recorder.follow(await client.subscribeKeyspace({ prefix }, noop));
    const victim = await cluster.ownerOf(keys[0]);
    await waitFor('the replicas to have all', async () => {
      const [replica] = await cluster.replicas(victim);
      return Number(await replica.command('DBSIZE')) === Number(await victim.command('DBSIZE'));
    });
    const found = new Set<string>();
    for await (const key of subscription.rescan(ALL, { count: 10 })) {
      if (!found.size) await cluster.kill(victim);
      found.add(key);
    }
    assert.deepEqual([...found].sort(), [...keys].sort());
    await waitFor('the gap to be over', () => recorder.recovered.length);
    const lost = keys.filter(key => isIn(recorder.recovered[0].slots, slotOf(key)));
    assert.deepEqual(await sorted(subscription.rescan(recorder.recovered[0])), lost.sort());
  }).timeout(60_000);
});

matrix('a rescan of a single server', binary => {
  const clients = new Clients();
  const resources = perSuite();
  let server: RedisServer;
  before(async () => {
    server = resources.add(await startStandalone(binary), opened => opened.stop());
    for (const database of [0, 2, 5])
      for (const name of ['a', 'b']) await server.rawCommand(database, 'SET', `k:${database}:${name}`, 'value');
  });

  for (const kind of ['client', 'pool'] as const) {
    it(`yields the keys of the databases of the subscription, to a ${kind}`, async () => {
      const client = await clients[kind](server, { database: 2 });
      const own = await client.subscribeKeyspace('k:*', noop);
      assert.deepEqual(await sorted(own.rescan(ALL)), ['k:2:a', 'k:2:b']);
      const several = await client.subscribeKeyspace('k:*', noop, { database: [5, 0, 11, 99] });
      assert.deepEqual(await sorted(several.rescan(ALL)), ['k:0:a', 'k:0:b', 'k:5:a', 'k:5:b']);
      const all = await client.subscribeKeyevent('set', noop, { database: 'all', keys: ['k:*:a', 'k:5:b'] });
      assert.deepEqual(await sorted(all.rescan(ALL)), ['k:0:a', 'k:2:a', 'k:5:a', 'k:5:b']);
    });
  }

  it('works with RESP 2', async () => {
    const client = await clients.client(server, { RESP: 2, database: 5 });
    const subscription = await client.subscribeKeyspace(['k:*', 'k:5:a'], noop, { bufferMode: true });
    assert.deepEqual((await read(subscription.rescan(ALL))).map(String).sort(), ['k:5:a', 'k:5:b']);
  });

  it('is for the gap that a stream tells, and its connection is closed however it ends', async () => {
    const client = await clients.client(server, { expects: NETWORK_ERRORS });
    const before = await clientConnections(server);
    const stream = await client.subscribeKeyspace('k:*');
    const recovered = new Promise<typeof ALL>(resolve =>
      stream.once('recovered', gap => resolve({ ...gap, slots: [] }))
    );
    await server.command('CLIENT', 'KILL', 'TYPE', 'pubsub');
    assert.deepEqual(await sorted(stream.rescan(await recovered)), ['k:0:a', 'k:0:b']);
    for await (const _ of stream.rescan(ALL, { count: 1 })) break;
    const controller = new AbortController();
    const reason = new Error('enough');
    const aborted = (async () => {
      for await (const _ of stream.rescan(ALL, { abortSignal: controller.signal, count: 1 })) controller.abort(reason);
    })();
    await assert.rejects(aborted, reason);
    const ended = (async () => {
      for await (const _ of stream.rescan(ALL, { count: 1 })) await stream.unsubscribe();
    })();
    await assert.rejects(ended, KeyspaceClosedError);
    await assert.rejects(read(stream.rescan(ALL)), KeyspaceClosedError);
    await waitFor('nothing to be left', async () => (await clientConnections(server)) === before);
  });

  it('refuses what is no gap, and wrong options, at once', async () => {
    const client = await clients.client(server);
    const subscription = await client.subscribeKeyspace('k:*', noop);
    const rescan = subscription.rescan.bind(subscription) as (...args: unknown[]) => unknown;
    for (const [gap, options, message] of [
      [undefined, undefined, /^gap must be a gap, with its slots as \[from, to\], got undefined$/],
      [{ slots: [[5, 4]] }, undefined, /^gap must be/],
      [{ slots: [[0, 16_384]] }, undefined, /^gap must be/],
      [ALL, 7, /^options must be an object, got number 7$/],
      [ALL, { count: 0 }, /^count must be a whole number from 1 to 1000000, got number 0$/],
      [ALL, { cuont: 1 }, /^options must be an object with only count, abortSignal, got object with cuont$/],
      [ALL, { abortSignal: {} }, /^abortSignal must be an AbortSignal/]
    ] as const) {
      assert.throws(
        () => rescan(gap, options),
        (error: Error) => {
          assert(error instanceof KeyspaceArgumentError);
          assert.match(error.message, message);
          return true;
        }
      );
    }
  });

  it('says which server refuses to be scanned', async () => {
    await server.command('ACL', 'SETUSER', 'deaf', 'on', 'nopass', '~*', '&*', '+@all', '-scan');
    const client = await clients.client(server, { username: 'deaf', password: 'any' });
    const subscription = await client.subscribeKeyspace('k:*', noop);
    await assert.rejects(read(subscription.rescan(ALL)), (error: KeyspaceError) => {
      assert.equal(error.code, 'KEYSPACE_RESCAN');
      assert.match(error.message, new RegExp(`^${server.address} refused to be scanned: NOPERM`));
      return error instanceof KeyspaceError;
    });
  });
});

matrix('a rescan of a Sentinel client', binary => {
  const clients = new Clients();
  const resources = perSuite();
  let sentinel: TestSentinel;
  before(async () => {
    sentinel = resources.add(await startSentinel(binary), opened => opened.stop());
  });

  it('yields the keys of the primary', async () => {
    const client = await clients.sentinel(sentinel, { expects: NETWORK_ERRORS });
    const subscription = await client.subscribeKeyspace('s:*', noop);
    for (const key of ['s:1', 's:2', 't:1']) await client.set(key, 'value');
    assert.deepEqual(await sorted(subscription.rescan(ALL)), ['s:1', 's:2']);
  });
});
