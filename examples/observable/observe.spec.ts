import assert from 'node:assert/strict';
import { findServer, startStandalone, waitFor, type RedisServer } from '@redis-keyspace/test-utils';
import { createClient, type RedisClientType } from 'redis-keyspace';
import { observe } from './observe';

describe('observe(client, key)', () => {
  let server: RedisServer;
  let client: RedisClientType;
  before(async () => {
    server = await startStandalone(await findServer());
    client = createClient({ url: server.url, keyspace: { notifyKeyspaceEvents: 'ignore' } });
    client.on('error', () => undefined);
    await client.connect();
  });
  after(async () => {
    client.destroy();
    await server.stop();
  });

  const fence = () => client.keyspace.fence();
  const set = (key: string, value: string) => server.command('SET', key, value);
  const cut = () => server.command('CLIENT', 'KILL', 'TYPE', 'pubsub');

  it('tells what there is, then each new value once', async () => {
    await set('a', '1');
    const values = observe(client, 'a');
    assert.equal((await values.next()).value, '1');
    await set('a', '1'); // Said, but nothing new.
    await server.command('EXPIRE', 'a', '100'); // Said as well.
    await fence();
    await set('a', '2');
    assert.equal((await values.next()).value, '2');
    await server.command('DEL', 'a');
    assert.equal((await values.next()).value, null);
    await values.return(undefined);
  });

  it('skips what was there for a moment only, and never the last', async () => {
    const values = observe(client, 'b');
    assert.equal((await values.next()).value, null);
    for (const value of ['1', '2', '3']) await set('b', value);
    await fence();
    assert.equal((await values.next()).value, '3');
    await values.return(undefined);
  });

  it('looks again after a gap', async () => {
    const values = observe(client, 'c');
    assert.equal((await values.next()).value, null);
    const lost = new Promise(resolve => client.keyspace.once('gap', resolve));
    await server.command('CONFIG', 'SET', 'notify-keyspace-events', ''); // So that only the gap can tell.
    await cut();
    await set('c', 'written unheard');
    await lost;
    assert.equal((await values.next()).value, 'written unheard');
    await server.command('CONFIG', 'SET', 'notify-keyspace-events', 'KEA');
    await values.return(undefined);
  });

  it('leaves nothing subscribed when the loop is left, and ends with the client', async () => {
    const values = observe(client, 'd');
    for await (const value of values) {
      assert.equal(value, null);
      break;
    }
    await waitFor('no subscription', async () => String(await server.command('PUBSUB', 'CHANNELS')) === '');
    const ending = observe(client, 'd');
    await ending.next();
    const next = ending.next();
    client.keyspace.close();
    assert.equal((await next).done, true);
  });
});
