import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import {
  FakeServer,
  NO_REPLY,
  encodeReply,
  error,
  push,
  simple,
  stopAll,
  waitFor,
  type FakeConnection,
  type Reply
} from '@redis-keyspace/test-utils';
import { ErrorReply } from '../../upstream';
import { openConnection, type ConnectionHandler, type NodeConnection } from './connection';

const says = (payload: string) => push('message', 'c', payload);
const takes = (channel: string) => push('sunsubscribe', channel, 0);
const MOVED = error('MOVED 1 127.0.0.1:7001');

type Write = (connection: FakeConnection, frames: readonly Buffer[]) => Promise<void> | void;

/** How the same bytes may arrive. */
const WAYS: Readonly<Record<string, Write>> = {
  'in one piece': (connection, frames) => connection.write(Buffer.concat(frames)),
  'byte by byte': async (connection, frames) => {
    connection.chunkSize = 1;
    connection.write(Buffer.concat(frames));
    await connection.flushed();
    connection.chunkSize = undefined;
  },
  'in halves of frames': async (connection, frames) => {
    let rest: Buffer = Buffer.alloc(0);
    for (const frame of frames) {
      const middle = frame.length >> 1;
      connection.write(Buffer.concat([rest, frame.subarray(0, middle)]));
      await connection.flushed();
      await delay(2);
      rest = frame.subarray(middle);
    }
    connection.write(rest);
  }
};

/** A server that answers on the first connection only what it is told to; on others it knows one command. */
async function serve() {
  const script = { isMute: false };
  const server = await FakeServer.start({
    onCommand: ([name], { id }) => {
      if (id === 1 && script.isMute) return NO_REPLY;
      return name === 'CLUSTER' ? 'nodes' : undefined;
    }
  });
  return { server, script };
}

describe('a connection', () => {
  after(stopAll);
  afterEach(() => open.splice(0).forEach(connection => connection.destroy()));
  const open: NodeConnection[] = [];

  /** A connection that is subscribed to `c`, and a log of what it tells. */
  async function connected(RESP: 2 | 3, write: Write = WAYS['in one piece']) {
    const { server, script } = await serve();
    const log: string[] = [];
    const handler: ConnectionHandler = {
      message: (_pattern, _channel, payload) => log.push(payload.toString()),
      taken: channel => log.push(`${channel.toString()} taken`),
      closed: reason => log.push(`closed: ${reason.message}`)
    };
    const options = { RESP, socket: { host: server.host, port: server.port } } as never;
    const connection = await openConnection(options, handler, new AbortController().signal);
    open.push(connection);
    await connection.subscribe([Buffer.from('c')], false);
    script.isMute = true;
    const [peer] = server.connections;
    const start = server.commands.length;
    /** Resolves when the server has got these, in this order. */
    const got = (...names: readonly string[]) =>
      waitFor(names.join(), () => {
        const said = server.commands.slice(start).filter(({ connection: by }) => by === peer);
        return said.map(({ args }) => args[0]).join() === names.join();
      });
    const answer = (...replies: readonly Reply[]) =>
      write(
        peer,
        replies.map(reply => encodeReply(reply, RESP))
      );
    const place = { before: () => void log.push('asked'), after: () => void log.push('answered') };
    const ask = () => connection.ask!(['CLUSTER', 'NODES'], place).then(String);
    const subscribeSharded = (channel: string) => connection.subscribeSharded!(channel, () => undefined);
    return { connection, server, log, got, answer, ask, subscribeSharded };
  }

  const rejectsAsMoved = (promise: Promise<unknown>) =>
    assert.rejects(promise, (reason: unknown) => reason instanceof ErrorReply && reason.message.startsWith('MOVED 1 '));

  for (const RESP of [2, 3] as const) {
    const pong: Reply = RESP === 2 ? ['pong', ''] : simple('PONG');
    for (const [way, write] of Object.entries(WAYS)) {
      describe(`with RESP${RESP} that reads ${way}`, () => {
        it('tells what is taken away while a command is in flight, and takes it for no answer', async () => {
          const { connection, log, got, answer, subscribeSharded } = await connected(RESP, write);
          const subscribed = rejectsAsMoved(subscribeSharded('x'));
          const pinged = connection.ping();
          await got('SSUBSCRIBE', 'PING');
          await answer(says('a'), takes('y'), says('b'), MOVED, takes('z'), says('c'), pong, says('d'));
          await Promise.all([subscribed, pinged]);
          await waitFor('the last', () => log.includes('d'));
          assert.deepEqual(log, ['a', 'y taken', 'b', 'z taken', 'c', 'd']);
        });

        it('tells what is taken away while none is', async () => {
          const { log, answer } = await connected(RESP, write);
          await answer(takes('x'), says('a'), takes('y'));
          await waitFor('the last', () => log.length === 3);
          assert.deepEqual(log, ['x taken', 'a', 'y taken']);
        });

        it('gives each command its own answer, whether a sharded channel is refused or confirmed', async () => {
          const { connection, log, got, answer, subscribeSharded } = await connected(RESP, write);
          const first = [rejectsAsMoved(subscribeSharded('x')), connection.ping(), subscribeSharded('y')];
          let isEarly = true;
          const second = rejectsAsMoved(subscribeSharded('z')).then(() => assert.equal(isEarly, false));
          const third = connection.ping().then(() => assert.equal(isEarly, false));
          await got('SSUBSCRIBE', 'PING', 'SSUBSCRIBE', 'SSUBSCRIBE', 'PING');
          await answer(MOVED, says('a'), pong, push('ssubscribe', 'y', 1));
          await Promise.all(first);
          isEarly = false;
          await answer(says('b'), MOVED, pong);
          await Promise.all([second, third]);
          assert.deepEqual(log, ['a', 'b']);
        });

        it('counts no sharded channel among those that it subscribes', async () => {
          const { connection, log, got, answer, subscribeSharded } = await connected(RESP, write);
          const names = ['d', 'e'].map(name => Buffer.from(name));
          const subscribed = connection.subscribe(names, false, index => log.push(`confirmed ${index}`));
          await got('SUBSCRIBE');
          const sharded = subscribeSharded('x');
          await got('SUBSCRIBE', 'SSUBSCRIBE');
          await answer(push('subscribe', 'd', 2), takes('y'), says('a'), push('subscribe', 'e', 3));
          await subscribed;
          await answer(says('b'), push('ssubscribe', 'x', 1), says('c'));
          await sharded;
          await waitFor('the last', () => log.includes('c'));
          assert.deepEqual(log, ['confirmed 0', 'y taken', 'a', 'confirmed 1', 'b', 'c']);
        });
      });
    }
  }

  for (const [way, write] of Object.entries(WAYS)) {
    it(`tells with RESP3 where among the messages an answer stands, read ${way}`, async () => {
      const { log, got, answer, ask } = await connected(3, write);
      const asked = [ask(), ask()];
      await got('CLUSTER', 'CLUSTER');
      await answer(says('a'), 'one', says('b'), takes('x'), 'two', says('c'));
      assert.deepEqual(await Promise.all(asked), ['one', 'two']);
      await waitFor('the last', () => log.includes('c'));
      assert.deepEqual(log, ['a', 'asked', 'answered', 'b', 'x taken', 'asked', 'answered', 'c']);
    });

    it(`tells with RESP2 between which places it was true, read ${way}`, async () => {
      const { log, got, answer, ask } = await connected(2, write);
      const asked = ask();
      await got('PING');
      await answer(says('a'), ['pong', ''], says('b'));
      await got('PING', 'PING');
      await answer(takes('x'), says('c'), ['pong', ''], says('d'));
      assert.equal(await asked, 'nodes');
      await waitFor('the last', () => log.includes('d'));
      assert.deepEqual(log, ['a', 'asked', 'b', 'x taken', 'c', 'answered', 'd']);
    });
  }

  it('subscribes with RESP2 behind the answers to what was asked before, as it is with RESP3', async () => {
    const { connection, log, got, answer, ask } = await connected(2);
    const asked = ask();
    const subscribed = connection.subscribe([Buffer.from('d')], false, () => log.push('confirmed'));
    await got('PING');
    await answer(['pong', '']);
    await got('PING', 'PING');
    await answer(['pong', '']);
    await got('PING', 'PING', 'SUBSCRIBE');
    await answer(push('subscribe', 'd', 2), says('a'));
    await Promise.all([asked, subscribed]);
    await waitFor('the last', () => log.includes('a'));
    assert.deepEqual(log, ['asked', 'answered', 'confirmed', 'a']);
  });

  it('asks with RESP2 nothing before what it has asked, as with RESP3', async () => {
    const { connection, server, got, answer, ask } = await connected(2);
    const asked = [ask(), connection.command(['CLUSTER', 'INFO'])];
    await got('PING');
    await delay(20);
    assert.deepEqual(server.commands.filter(({ args }) => args[0] === 'CLUSTER').length, 0);
    await answer(['pong', '']);
    await got('PING', 'PING');
    await answer(['pong', '']);
    assert.deepEqual(await Promise.all(asked), ['nodes', 'nodes']);
    const questions = server.commands.filter(({ args }) => args[0] === 'CLUSTER').map(({ args }) => args[1]);
    assert.deepEqual(questions, ['NODES', 'INFO']);
  });

  it('has a PING answered by both connections of RESP2, of which the second may break', async () => {
    const { connection, server, got, answer } = await connected(2);
    await connection.command(['CLUSTER', 'NODES']);
    const [, companion] = server.connections;
    companion.silence();
    let isAnswered = false;
    const pinged = connection.ping().then(() => (isAnswered = true));
    await got('PING');
    await answer(['pong', '']);
    await delay(20);
    assert.equal(isAnswered, false);
    companion.cut();
    await pinged;
  });

  it('tells the place of an answer also where it is a refusal', async () => {
    const { connection, log, got, answer, ask, subscribeSharded } = await connected(3);
    const asked = assert.rejects(ask(), ErrorReply);
    const refused = rejectsAsMoved(subscribeSharded('x'));
    const again = ask();
    const pinged = connection.ping();
    await got('CLUSTER', 'SSUBSCRIBE', 'CLUSTER', 'PING');
    await answer(says('a'), error('NOPERM no'), says('b'), MOVED, says('c'), 'nodes', says('d'), simple('PONG'));
    await Promise.all([asked, refused, pinged]);
    assert.equal(await again, 'nodes');
    assert.deepEqual(log, ['a', 'asked', 'answered', 'b', 'c', 'asked', 'answered', 'd']);
  });
});
