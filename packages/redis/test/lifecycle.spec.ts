import assert from 'node:assert/strict';
import { matrix, waitFor } from '@redis-keyspace/test-utils';
import { createClient, ErrorReply, RESP_TYPES, type KeyNotification } from '../index';
import { Deployments, KINDS, type AnyClient, type Kind } from './deployments';
import { waitForNoTrace } from './traces';

const ENDINGS = {
  client: ['close', 'destroy', 'quit', 'disconnect'],
  pool: ['close', 'destroy'],
  cluster: ['close', 'destroy', 'quit', 'disconnect'],
  sentinel: ['close', 'destroy']
} as const;

/** Subscribes, writes one of the keys each, and gives what was heard of them. */
async function heardBy(client: AnyClient, writer: AnyClient, keys: readonly string[]): Promise<string[]> {
  const heard: string[] = [];
  const subscription = await client.subscribeKeyspace([...keys], ({ key }) => heard.push(key));
  for (const key of keys) await writer.set(key, 'value');
  await subscription.fence();
  await subscription.unsubscribe();
  return heard.sort();
}

matrix('the keyspace API', server => {
  const deployments = new Deployments(server);

  for (const kind of KINDS) {
    for (const RESP of [2, 3] as const) {
      it(`hears a ${kind} with RESP ${RESP}: patterns, keys and events, as strings and as Buffers`, async () => {
        const client = await deployments.connect(kind, { RESP });
        const keys = (await deployments.keysOf(kind, 'resp:')).sort();
        const strings: string[] = [];
        const buffers: Buffer[] = [];
        const stream = await client.subscribeKeyevent(['set', 'del'], { keys: 'resp:*' });
        const heard = [
          await client.subscribeKeyspace('resp:*', ({ key }) => strings.push(key)),
          await client.subscribeKeyspace(keys, ({ key }) => buffers.push(key), { bufferMode: true }),
          stream
        ];
        for (const key of keys) await client.set(key, 'value');
        for (const subscription of heard) await subscription.fence();
        assert.deepEqual(strings.sort(), keys);
        assert.deepEqual(
          buffers.sort(Buffer.compare),
          keys.map(key => Buffer.from(key))
        );
        const told: KeyNotification[] = [];
        for await (const batch of stream.batches()) {
          told.push(...batch);
          if (told.length >= keys.length) break;
        }
        assert.deepEqual(
          told.map(({ key, event, kind }) => `${kind} ${event} ${key}`).sort(),
          keys.map(key => `keyevent set ${key}`)
        );
        const nodes = new Set(deployments.serversOf(kind).map(({ address }) => address));
        assert.deepEqual(new Set(told.map(({ node }) => node)), nodes);
      });
    }

    it(`is shared by the proxies of a ${kind}`, async () => {
      const client = await deployments.connect(kind);
      const proxy = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
      const second = proxy.withCommandOptions({});
      assert.equal(proxy.keyspace, client.keyspace);
      assert.equal(second.keyspace, client.keyspace);
      const keys = (await deployments.keysOf(kind, 'proxy:')).sort();
      assert.deepEqual(await heardBy(proxy, client, keys), keys);
      assert.deepEqual(await proxy.get(keys[0]), Buffer.from('value'));
      assert.equal(await client.get(keys[0]), 'value');

      await proxy.subscribeKeyspace('proxy:*', () => undefined);
      assert.equal(client.keyspace.status().subscriptions, 1);
      await second.unsubscribeKeyspace('proxy:*');
      assert.equal(client.keyspace.status().subscriptions, 0);
    });

    for (const ending of ENDINGS[kind]) {
      it(`ends with ${ending}() of a ${kind}: handles, iterators, and all that the servers held`, async () => {
        const client = await deployments.connect(kind);
        let ends = 0;
        const listened = await client.subscribeKeyspace(['ending:*', 'exact'], () => undefined);
        const stream = await client.subscribeKeyevent('*', { database: kind === 'cluster' ? 0 : 'all' });
        for (const subscription of [listened, stream]) subscription.on('end', () => ends++);
        const iterated = iterate(stream);
        const batched = iterate((await client.subscribeKeyspace('ending:*')).batches());
        await client.set('ending:key', 'value');
        await listened.fence();

        await client[ending]!();
        await Promise.all([iterated, batched]);
        assert.equal(ends, 2);
        assert.equal(client.keyspace.status().subscriptions, 0);
        assert.deepEqual(client.keyspace.status().nodes, []);
        await listened.unsubscribe();
        await waitForNoTrace(deployments.serversOf(kind));
      });
    }

    it(`leaves a ${kind} open and the servers without subscriptions after the last unsubscribe()`, async () => {
      const client = await deployments.connect(kind);
      const first = await client.subscribeKeyspace('last:*', () => undefined);
      await using second = await client.subscribeKeyevent('del');
      await first.unsubscribe();
      await first.unsubscribe();
      await second[Symbol.asyncDispose]();
      await waitFor('the subscriptions to be gone', async () => {
        const counts = await Promise.all(deployments.serversOf(kind).map(one => one.command('PUBSUB', 'NUMPAT')));
        return counts.every(count => count === 0);
      });
      assert.equal(await client.set('last:key', 'value'), 'OK');
    });
  }

  for (const kind of ['client', 'cluster', 'sentinel'] as const) {
    it(`is another one's in a duplicate() of a ${kind}, which starts without subscriptions`, async () => {
      const client = await deployments.connect(kind, { keyspace: { heartbeatInterval: 0 } });
      const keys = (await deployments.keysOf(kind, 'twin:')).sort();
      await client.subscribeKeyspace('twin:*', () => undefined);
      const twin = deployments.adopt(client.duplicate!());
      assert.notEqual(twin.keyspace, client.keyspace);
      await twin.connect();
      assert.equal(twin.keyspace.status().subscriptions, 0);
      assert.deepEqual(await heardBy(twin, client, keys), keys);
      await twin.close();
      assert.equal(client.keyspace.status().subscriptions, 1);
      assert.deepEqual(await heardBy(client, client, keys), keys);
      assert.throws(() => client.duplicate!({ keyspace: { heartbeatInterval: -1 } }), {
        name: 'KeyspaceArgumentError'
      });
      await deployments.adopt(client.duplicate!({ keyspace: {} })).connect();
    });
  }

  it('is in the pool that createPool() makes of a client, and ends with the pool', async () => {
    const client = createClient({
      ...deployments.optionsOf('client'),
      keyPrefix: 'pool:',
      keyspace: { shareConnection: true }
    });
    deployments.adopt(client);
    const pool = deployments.adopt(client.createPool({ minimum: 1 }));
    await pool.connect();
    assert.deepEqual(await heardBy(pool, pool, ['a', 'b']), ['a', 'b']);
    const stream = iterate(await pool.subscribeKeyspace('a*'));
    await pool.close();
    await stream;
    await waitForNoTrace(deployments.serversOf('client'));
  });

  for (const kind of KINDS) {
    it(`applies and strips the keyPrefix of a ${kind}`, async () => {
      const client = await deployments.connect(kind, { keyPrefix: 'tenant:' });
      const other = await deployments.connect(kind);
      const heard: string[] = [];
      const subscription = await client.subscribeKeyspace('*', ({ key }) => heard.push(key));
      await other.set('else', 'value');
      await client.set('key', 'value');
      await subscription.fence();
      assert.deepEqual(heard, ['key']);
      assert.equal(await client.get(heard[0]), 'value');
    });
  }

  it('hears the database that a client has selected', async () => {
    const client = createClient(deployments.optionsOf('client'));
    deployments.adopt(client);
    await client.connect();
    const hear = async () => {
      const databases: number[] = [];
      await using subscription = await client.subscribeKeyspace('selected', ({ database }) => databases.push(database));
      await client.set('selected', 'value');
      await subscription.fence();
      return databases;
    };
    await client.select(3);
    assert.deepEqual(await hear(), [3]);
    await client.withTypeMapping({}).select(4);
    assert.deepEqual(await hear(), [4]);
    await assert.rejects(client.select(99), ErrorReply);
    assert.deepEqual(await hear(), [4]);
  });

  it('hears the database of a client that its URL names, and a pool likewise', async () => {
    const { url } = deployments.optionsOf('client') as { url: string };
    for (const kind of ['client', 'pool'] satisfies Kind[]) {
      const client = await deployments.connect(kind, { url: `${url}/5` } as object);
      const zero = await deployments.connect(kind);
      const databases: number[] = [];
      const subscription = await client.subscribeKeyspace('db*', ({ database }) => databases.push(database));
      await zero.set('db', 'value');
      await client.set('db', 'value');
      await subscription.fence();
      assert.deepEqual(databases, [5]);
    }
  });
});

/** Reads until the end. */
async function iterate(stream: AsyncIterable<unknown>): Promise<number> {
  let count = 0;
  for await (const item of stream) count += Number(item !== undefined);
  return count;
}
