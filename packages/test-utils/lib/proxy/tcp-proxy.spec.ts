import assert from 'node:assert/strict';
import { createClient } from '@redis/client';
import { FakeServer } from '../fake/fake-server';
import { stopAll } from '../standalone/running-servers';
import { waitFor } from '../wait';
import { TcpProxy } from './tcp-proxy';

describe('tcp proxy', () => {
  let fake: FakeServer;
  let proxy: TcpProxy;
  let client: ReturnType<typeof open>;

  const open = (url: string) => createClient({ url, socket: { reconnectStrategy: 5 } });

  beforeEach(async () => {
    fake = await FakeServer.start();
    proxy = await TcpProxy.start(fake);
    client = open(proxy.url);
    client.on('error', () => undefined);
    await client.connect();
  });

  afterEach(async () => {
    client.destroy();
    await stopAll();
  });

  it('passes', async () => {
    assert.equal(await client.ping(), 'PONG');
    assert.equal(proxy.connections, 1);
  });

  it('stalls without a word, even when the server goes, and delivers late', async () => {
    proxy.stall();
    let answered = false;
    const ping = client.ping().then(() => (answered = true));
    await new Promise(resolve => setTimeout(resolve, 50));
    assert.equal(answered, false);
    assert.equal(client.isReady, true);
    proxy.resume();
    await ping;

    proxy.stall();
    fake.connections.forEach(connection => connection.reset());
    await new Promise(resolve => setTimeout(resolve, 50));
    assert.equal(client.isReady, true);
    const ready = new Promise(resolve => client.once('ready', resolve));
    proxy.resume();
    await ready;
    assert.equal(fake.accepted, 2);
  });

  it('cuts, and lets the client come back', async () => {
    const ready = new Promise(resolve => client.once('ready', resolve));
    proxy.cut();
    await ready;
    assert.equal(await client.ping(), 'PONG');
  });

  it('refuses until it is told to resume', async () => {
    proxy.refuse();
    await waitFor('the client to notice', () => !client.isReady);
    await new Promise(resolve => setTimeout(resolve, 50));
    assert.equal(fake.accepted, 1);
    const ready = new Promise(resolve => client.once('ready', resolve));
    proxy.resume();
    await ready;
    assert.equal(await client.ping(), 'PONG');
  });
});
