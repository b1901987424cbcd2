import assert from 'node:assert/strict';
import { FakeServer, NO_REPLY, error, stopAll, waitFor } from '@redis-keyspace/test-utils';
import { addressOf, askOnce, openForScan } from './dedicated';

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

describe('a connection for many questions', () => {
  after(stopAll);
  const forever = new AbortController().signal;
  const start = () =>
    FakeServer.start({
      onCommand: ([name]) =>
        name === 'GOOD' ? 'answer' : name === 'BAD' ? error('ERR bad') : name === 'MUTE' ? NO_REPLY : undefined
    });

  for (const RESP of [2, 3] as const) {
    const optionsOf = (server: FakeServer) => ({ RESP, socket: { host: server.host, port: server.port } }) as never;

    it(`gives answers as bytes and errors as they are, until it is closed, with RESP ${RESP}`, async () => {
      const server = await start();
      const connection = await openForScan(optionsOf(server), 1_000, forever);
      assert.deepEqual(await connection.send(['GOOD']), Buffer.from('answer'));
      await assert.rejects(connection.send(['BAD']), /ERR bad/);
      assert.deepEqual(await connection.send(['GOOD']), Buffer.from('answer'));
      connection.close();
      connection.close();
      await assert.rejects(connection.send(['GOOD']));
      await waitFor('the connection to close', () => server.connections.length === 0, { interval: 1 });
      assert.equal(server.accepted, 1);
    });

    it(`is closed when an answer is late, with RESP ${RESP}`, async () => {
      const server = await start();
      const connection = await openForScan(optionsOf(server), 50, forever);
      await assert.rejects(connection.send(['MUTE']));
      await waitFor('the connection to close', () => server.connections.length === 0, { interval: 1 });
    });
  }

  it('gives up connecting when the server is late, or the signal aborts', async () => {
    const server = await FakeServer.start({ onCommand: () => NO_REPLY });
    const options = { RESP: 3, socket: { host: server.host, port: server.port } } as never;
    await assert.rejects(openForScan(options, 30, forever), /no answer within 30 ms/);
    const controller = new AbortController();
    const opening = openForScan(options, 5_000, controller.signal);
    const reason = new Error('enough');
    controller.abort(reason);
    await assert.rejects(opening, reason);
    await waitFor('the connections to close', () => server.connections.length === 0, { interval: 1 });
  });
});
