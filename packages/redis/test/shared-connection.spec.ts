import assert from 'node:assert/strict';
import { matrix, waitFor, type RedisServer, type ServerBinary } from '@redis-keyspace/test-utils';
import { createClient } from '../index';
import { Deployments } from './deployments';
import { waitForNoTrace } from './traces';

/** Before Redis 7.2 a push can land inside the reply of EXEC. */
function isShareable({ product, version }: ServerBinary): boolean {
  const [major, minor] = version.split('.').map(Number) as [number, number];
  return product === 'valkey' || major > 7 || (major === 7 && minor >= 2);
}

async function pubSubConnections(server: RedisServer): Promise<number> {
  return String(await server.command('CLIENT', 'LIST', 'TYPE', 'pubsub'))
    .split('\n')
    .filter(Boolean).length;
}

matrix('a client that shares its connection', server => {
  const deployments = new Deployments(server, ['client']);
  const url = () => (deployments.optionsOf('client') as { url: string }).url;
  const theServer = () => deployments.serversOf('client')[0];

  async function connect(options: object = {}) {
    const client = createClient({ url: url(), keyspace: { shareConnection: true }, ...options });
    deployments.adopt(client);
    return client.connect();
  }

  it('is refused with RESP 2, naming it', async () => {
    const client = createClient({ url: url(), RESP: 2, keyspace: { shareConnection: true } });
    deployments.adopt(client);
    await client.connect();
    await assert.rejects(
      client.subscribeKeyspace('key', () => undefined),
      { name: 'KeyspaceUnsupportedError', message: /RESP: 2/ }
    );
    assert.equal(await client.set('key', 'value'), 'OK');
  });

  if (!isShareable(server)) {
    it('is refused by a server that cannot, naming its version', async () => {
      const client = await connect();
      await assert.rejects(
        client.subscribeKeyspace('key', () => undefined),
        {
          name: 'KeyspaceUnsupportedError',
          message: new RegExp(server.version.split('.').slice(0, 2).join('\\.'))
        }
      );
      assert.equal(await client.set('key', 'value'), 'OK');
      assert.equal(await pubSubConnections(theServer()), 0);
    });
    return;
  }

  it('hears its own writes between its commands, and opens no other connection', async () => {
    const client = await connect();
    const heard: string[] = [];
    const subscription = await client.subscribeKeyspace('key*', ({ key, event }) => heard.push(`${event} ${key}`));
    const expected: string[] = [];
    for (let round = 0; round < 100; round++) {
      expected.push(`set key${round}`, `incrby key${round}`, `append key${round}`, `del key${round}`);
      const key = `key${round}`;
      assert.deepEqual(await client.multi().set(key, round).incr(key).append(key, '!').get(key).del(key).exec(), [
        'OK',
        round + 1,
        `${round + 1}!`.length,
        `${round + 1}!`,
        1
      ]);
    }
    await subscription.fence();
    assert.deepEqual(heard, expected);
    assert.equal(await pubSubConnections(theServer()), 1);
    assert.equal(
      String(await theServer().command('CLIENT', 'LIST'))
        .split('\n')
        .filter(line => line && !line.includes('cmd=client')).length,
      1
    );
    await subscription.unsubscribe();
    await waitFor('the server to be told', async () => (await pubSubConnections(theServer())) === 0);
    assert.equal(await client.get('key0'), null);
  });

  it('leaves the subscriptions of its user alone, and they leave it alone', async () => {
    const client = await connect();
    const own: string[] = [];
    const heard: string[] = [];
    const listener = (message: string) => own.push(message);
    await client.pSubscribe('__keyspace@0__:both:*', listener);
    const subscription = await client.subscribeKeyspace('both:*', ({ event }) => heard.push(event));
    const other = await client.subscribeKeyspace('both:key', ({ event }) => heard.push(event));
    await client.set('both:key', 'value');
    await subscription.fence();
    assert.deepEqual([own, heard], [['set'], ['set', 'set']]);

    await subscription.unsubscribe();
    await client.del('both:key');
    await other.fence();
    assert.deepEqual(
      [own, heard],
      [
        ['set', 'del'],
        ['set', 'set', 'del']
      ]
    );

    const again = await client.subscribeKeyspace('both:*', ({ event }) => heard.push(event));
    await client.pUnsubscribe('__keyspace@0__:both:*', listener);
    await client.set('both:key', 'value');
    await again.fence();
    assert.deepEqual(own, ['set', 'del']);
    assert.deepEqual(heard.slice(3), ['set', 'set']);
  });

  it("tells a gap and hears again when its user's UNSUBSCRIBE of everything takes its own along", async () => {
    const client = await connect();
    await client.subscribe('news', () => undefined);
    await client.pSubscribe('n*', () => undefined);
    const heard: string[] = [];
    let gaps = 0;
    const subscription = await client.subscribeKeyspace(['all:*', 'exact'], ({ key }) => heard.push(key));
    subscription.on('gap', () => gaps++);
    await client.unsubscribe();
    await client.pUnsubscribe();
    assert.equal(await client.get('none'), null);
    await waitFor('the subscription to be heard again', async () => {
      await client.set('all:key', 'value');
      await client.set('exact', 'value');
      await subscription.fence();
      return heard.includes('all:key') && heard.includes('exact');
    });
    assert.ok(gaps > 0);
  });

  it('tells a gap and hears again when its user resets the connection', async () => {
    const client = await connect();
    const told: string[] = [];
    const subscription = await client.subscribeKeyspace('reset:*', ({ key }) => told.push(key));
    subscription.on('gap', ({ reason }) => told.push(`gap ${reason}`)).on('recovered', () => told.push('recovered'));
    await client.reset();
    await waitFor('the gap to be over', () => told.includes('recovered'));
    await client.set('reset:key', 'value');
    await subscription.fence();
    assert.deepEqual(told, ['gap disconnected', 'recovered', 'reset:key']);
  });

  it('ends its subscriptions on the server with keyspace.close(), and stays open', async () => {
    const client = await connect();
    const own: string[] = [];
    await client.subscribe('news', message => own.push(message));
    await client.subscribeKeyspace(['end:*', 'end'], () => undefined);
    client.keyspace.close();
    assert.equal(await client.set('end', 'value'), 'OK');
    assert.deepEqual(await theServer().command('PUBSUB', 'CHANNELS'), ['news']);
    assert.equal(await theServer().command('PUBSUB', 'NUMPAT'), 0);
    await client.publish('news', 'heard');
    await waitFor('the news', () => own.length);
  });

  it('is subscribed again on the new connection when the client reconnects, with a gap told', async () => {
    const client = createClient({ url: url(), keyspace: { shareConnection: true } });
    client.on('error', () => undefined);
    try {
      await client.connect();
      const told: string[] = [];
      const subscription = await client.subscribeKeyspace('back:*', ({ key }) => told.push(key));
      subscription.on('gap', ({ reason }) => told.push(`gap ${reason}`)).on('recovered', () => told.push('recovered'));
      await theServer().command('CLIENT', 'KILL', 'TYPE', 'pubsub');
      await waitFor('the gap to be over', () => told.includes('recovered'));
      await client.set('back:key', 'value');
      await subscription.fence();
      assert.deepEqual(told, ['gap disconnected', 'recovered', 'back:key']);
    } finally {
      client.destroy();
    }
  });

  it('leaves nothing when it is closed', async () => {
    const client = await connect();
    let ended = false;
    (await client.subscribeKeyspace('close:*', () => undefined)).on('end', () => (ended = true));
    await client.close();
    assert.equal(ended, true);
    await waitForNoTrace([theServer()]);
  });

  it('is not shared by the pool of the client, which has a connection of its own', async () => {
    const client = await connect();
    const pool = client.createPool({ minimum: 1 });
    deployments.adopt(pool);
    await pool.connect();
    const heard: string[] = [];
    const subscription = await pool.subscribeKeyspace('pool', ({ event }) => heard.push(event));
    await client.set('pool', 'value');
    await subscription.fence();
    assert.deepEqual(heard, ['set']);
  });
});
