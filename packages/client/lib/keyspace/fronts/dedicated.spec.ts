import assert from 'node:assert/strict';
import { FakeServer, error, stopAll, waitFor } from '@redis-keyspace/test-utils';
import { addressOf, askOnce } from './dedicated';

describe('a single question', () => {
  after(stopAll);
  const optionsOf = (server: FakeServer) => ({ RESP: 3, socket: { host: server.host, port: server.port } }) as never;

  it('is asked by a connection of its own, which is closed whatever happens', async () => {
    const server = await FakeServer.start({
      onCommand: ([name]) => (name === 'GOOD' ? 'answer' : name === 'BAD' ? error('ERR bad') : undefined)
    });
    assert.equal(await askOnce(optionsOf(server), send => send(['GOOD'])), 'answer');
    await assert.rejects(
      askOnce(optionsOf(server), send => send(['BAD'])),
      /ERR bad/
    );
    await assert.rejects(
      askOnce(optionsOf(server), () => Promise.reject(new Error('mine'))),
      /mine/
    );
    await waitFor('the connections to close', () => server.connections.length === 0, { interval: 1 });
    assert.equal(server.accepted, 3);
  });

  it('fails where nobody listens', async () => {
    const server = await FakeServer.start();
    const options = optionsOf(server);
    await server.stop();
    await assert.rejects(
      askOnce(options, send => send(['PING'])),
      /ECONNREFUSED/
    );
  });

  it('has addresses as node-redis has them', () => {
    assert.deepEqual(addressOf('h', 1), { host: 'h', port: 1, address: 'h:1' });
    assert.equal(addressOf('::1', 1).address, '::1:1');
  });
});
