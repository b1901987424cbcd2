import assert from 'node:assert/strict';
import {
  encodeReply,
  error,
  FakeServer,
  NO_REPLY,
  push,
  TcpProxy,
  waitFor,
  type FakeConnection,
  type FakeServerOptions,
  type Script
} from '@redis-keyspace/test-utils';
import { KeyspaceRefusedError, KeyspaceTimeoutError, type KeyspaceOptions, type KeyspaceWarning } from '../index';
import { Clients } from './clients';
import { NETWORK_ERRORS } from './error-log';
import { Recorder } from './recorder';
import { perTest } from './resources';

const QUICK: KeyspaceOptions = { heartbeatInterval: 30, heartbeatTimeout: 150 };
const PATTERN = '__keyspace@0__:s:*';

describe('a scripted server', () => {
  const clients = new Clients();
  const resources = perTest();

  async function start(options: FakeServerOptions | Script = {}): Promise<FakeServer> {
    const script = typeof options === 'function' ? { onCommand: options } : options;
    return resources.add(await FakeServer.start(script), server => server.stop());
  }

  const connect = (server: { readonly url: string }, options: Parameters<Clients['client']>[1] = {}) =>
    clients.client(server, {
      expects: NETWORK_ERRORS,
      ...options,
      keyspace: { notifyKeyspaceEvents: 'ignore', ...options.keyspace }
    });

  /** The connections that are subscribed to anything. */
  const subscribers = (server: FakeServer) => server.connections.filter(({ channels }) => channels.size > 0);
  const subscriber = (server: FakeServer): FakeConnection => {
    const found = subscribers(server);
    assert.equal(found.length, 1);
    return found[0];
  };
  const say = (connection: FakeConnection, key: string, event = 'set') =>
    connection.pmessage(PATTERN, `__keyspace@0__:${key}`, event);

  for (const RESP of [2, 3] as const) {
    it(`is heard over RESP ${RESP} however its messages are cut: at every byte, and byte by byte`, async () => {
      const server = await start();
      const client = await connect(server, { RESP });
      const [byPattern, byKey] = [new Recorder(), new Recorder()];
      await client.subscribeKeyspace('s:*', byPattern.listen);
      await client.subscribeKeyspace('s:exact', byKey.listen);
      const connection = subscriber(server);
      const key = 's:k\r\né';
      const frames = Buffer.concat(
        [
          push('pmessage', PATTERN, `__keyspace@0__:${key}`, 'set'),
          push('message', '__keyspace@0__:s:exact', 'del')
        ].map(frame => encodeReply(frame, connection.protocol))
      );
      for (let cut = 1; cut < frames.length; cut++) {
        connection.write(frames.subarray(0, cut));
        await connection.flushed();
        await new Promise(resolve => setImmediate(resolve));
        connection.write(frames.subarray(cut));
      }
      connection.chunkSize = 1;
      connection.write(frames);
      await client.keyspace.fence();
      const all = frames.length;
      assert.deepEqual(byPattern.tally('set'), new Map([[key, all]]));
      assert.deepEqual(byKey.tally('del'), new Map([['s:exact', all]]));
      assert.equal(client.keyspace.status().gaps.total, 0);
    });
  }

  it('that stops answering PING is a gap `node-silent`, and is heard again on a new connection', async () => {
    const server = await start();
    const client = await connect(server, { keyspace: QUICK });
    const recorder = new Recorder();
    const subscription = recorder.follow(await client.subscribeKeyspace('s:*', recorder.listen));
    const before = subscriber(server);
    say(before, 's:1');
    await subscription.fence();
    before.silence();
    await waitFor('the gap to be over', () => recorder.recovered.length);
    assert.deepEqual(
      recorder.gaps.map(({ reason, node }) => [reason, node]),
      [['node-silent', server.address]]
    );
    await waitFor('the silent connection to be closed', () => !before.isOpen);
    const after = subscriber(server);
    assert.notEqual(after, before);
    say(after, 's:2');
    await subscription.fence();
    recorder.assertOnceEach(['s:1', 's:2']);
  });

  it('may be silent for as long as it likes with heartbeatInterval: 0', async () => {
    const server = await start();
    const client = await connect(server, { keyspace: { heartbeatInterval: 0, heartbeatTimeout: 200 } });
    const recorder = new Recorder();
    recorder.follow(await client.subscribeKeyspace('s:*', recorder.listen));
    const connection = subscriber(server);
    connection.silence();
    await new Promise(resolve => setTimeout(resolve, 500));
    connection.resume();
    say(connection, 's:1');
    await waitFor('it to be heard', () => recorder.hears('s:1'));
    assert.deepEqual(recorder.gaps, []);
    assert(!server.commands.some(({ args, connection: by }) => by === connection && args[0] === 'PING'));
  });

  it('that never answers HELLO is named within subscribeTimeout, and nothing is left open', async () => {
    let deaf = false;
    const server = await start(([name]) => (deaf && /^HELLO$/i.test(name) ? NO_REPLY : undefined));
    const client = await connect(server, { keyspace: { subscribeTimeout: 300 } });
    deaf = true;
    await assert.rejects(
      client.subscribeKeyspace('s:*', () => undefined),
      (reason: unknown) => {
        assert(reason instanceof KeyspaceTimeoutError, String(reason));
        assert.deepEqual([reason.code, reason.nodes], ['KEYSPACE_TIMEOUT', [server.address]]);
        assert.match(reason.message, /300 ms/);
        return true;
      }
    );
    assert.deepEqual(client.keyspace.status().nodes, []);
    await waitFor('only the client to be left', () => server.connections.length === 1);
    const { accepted } = server;
    await new Promise(resolve => setTimeout(resolve, 200));
    assert.equal(server.accepted, accepted, 'it tried again');

    deaf = false;
    const recorder = new Recorder();
    const subscription = await client.subscribeKeyspace('s:*', recorder.listen);
    say(subscriber(server), 's:1');
    await subscription.fence();
    recorder.assertOnceEach(['s:1']);
  });

  it('that never confirms is named within subscribeTimeout, and another subscription stays', async () => {
    const server = await start(([name, pattern]) =>
      /^PSUBSCRIBE$/i.test(name) && pattern.endsWith(':never:*') ? NO_REPLY : undefined
    );
    const client = await connect(server, { keyspace: { subscribeTimeout: 200 } });
    const recorder = new Recorder();
    recorder.follow(await client.subscribeKeyspace('s:*', recorder.listen));
    await assert.rejects(
      client.subscribeKeyspace('never:*', () => undefined),
      { nodes: [server.address] }
    );
    say(subscriber(server), 's:1');
    await waitFor('it to be heard', () => recorder.hears('s:1'));
    assert.equal(client.keyspace.status().subscriptions, 1);
  });

  it('behind a proxy that stalls without closing is a gap `node-silent`, healed when it passes again', async () => {
    const server = await start();
    const proxy = resources.add(await TcpProxy.start(server), opened => opened.stop());
    const client = await connect(proxy, { keyspace: QUICK });
    const recorder = new Recorder();
    const subscription = recorder.follow(await client.subscribeKeyspace('s:*', recorder.listen));
    proxy.stall();
    await waitFor('the gap to be told', () => recorder.gaps.length);
    assert.deepEqual(
      recorder.gaps.map(({ reason, node }) => [reason, node]),
      [['node-silent', proxy.address]]
    );
    await waitFor('an attempt to have failed', () =>
      client.keyspace.status().nodes.some(({ error: last }) => /did not answer in 150 ms/.test(String(last)))
    );
    proxy.resume();
    await waitFor('the gap to be over', () => recorder.recovered.length);
    await waitFor('the stalled connections to be gone', () => subscribers(server).length === 1);
    say(subscriber(server), 's:1');
    await subscription.fence();
    recorder.assertOnceEach(['s:1']);
    assert.equal(recorder.gaps.length, 1);
  });

  it('behind a proxy that refuses for a while is a gap `disconnected`', async () => {
    const server = await start();
    const proxy = resources.add(await TcpProxy.start(server), opened => opened.stop());
    const client = await connect(proxy);
    const recorder = new Recorder();
    const subscription = recorder.follow(await client.subscribeKeyspace('s:*', recorder.listen));
    proxy.refuse();
    await waitFor('the gap to be told', () => recorder.gaps.length);
    proxy.resume();
    await waitFor('the gap to be over', () => recorder.recovered.length);
    say(subscriber(server), 's:1');
    await subscription.fence();
    recorder.assertOnceEach(['s:1']);
    assert.deepEqual(
      recorder.gaps.map(({ reason }) => reason),
      ['disconnected']
    );
  });

  for (const mode of ['check', 'enable'] as const) {
    it(`that does not know CONFIG is unknown with '${mode}', with a hint, and heard`, async () => {
      const server = await start();
      const client = await connect(server, { keyspace: { notifyKeyspaceEvents: mode } });
      const warnings: KeyspaceWarning[] = [];
      client.keyspace.on('warning', warning => warnings.push(warning));
      const recorder = new Recorder();
      const subscription = await client.subscribeKeyspace('s:*', recorder.listen);
      say(subscriber(server), 's:1');
      await subscription.fence();
      recorder.assertOnceEach(['s:1']);
      assert.deepEqual(
        warnings.map(({ code }) => code),
        ['KEYSPACE_NOTIFICATIONS_UNKNOWN']
      );
      const [report] = await client.keyspace[mode]();
      assert.equal(report.error, "ERR unknown command 'CONFIG'");
      assert.match(report.hint!, /managed service/);
    });
  }

  it('that refuses one of several names makes only that one fail, and the next call without it works', async () => {
    const no = '__keyspace@0__:s:2';
    const server = await start(([name, ...names]) =>
      /^SUBSCRIBE$/i.test(name) && names.includes(no) ? error('NOPERM No permissions to access a channel') : undefined
    );
    const client = await connect(server);
    const recorder = new Recorder();
    recorder.follow(await client.subscribeKeyspace('s:other', recorder.listen));
    await assert.rejects(client.subscribeKeyspace(['s:1', 's:2', 's:3'], recorder.listen), (reason: unknown) => {
      assert(reason instanceof KeyspaceRefusedError, String(reason));
      assert.deepEqual([reason.channel, reason.node, reason.rule], [no, server.address, `&${no}`]);
      return true;
    });
    await waitFor('the others to be dropped', () => subscriber(server).channels.size === 1);
    const subscription = await client.subscribeKeyspace(['s:1', 's:3'], recorder.listen);
    for (const key of ['s:other', 's:1', 's:3']) subscriber(server).message(`__keyspace@0__:${key}`, 'set');
    await subscription.fence();
    recorder.assertOnceEach(['s:other', 's:1', 's:3']);
    assert.deepEqual(recorder.gaps, []);
  });

  it('that closes during SUBSCRIBE is asked again until it confirms', async () => {
    let closings = 3;
    const server = await start(([name], connection) => {
      if (!/^PSUBSCRIBE$/i.test(name) || closings-- <= 0) return undefined;
      connection.cut();
      return NO_REPLY;
    });
    const client = await connect(server);
    const recorder = new Recorder();
    const subscription = recorder.follow(await client.subscribeKeyspace('s:*', recorder.listen));
    say(subscriber(server), 's:1');
    await subscription.fence();
    recorder.assertOnceEach(['s:1']);
    // Nothing had been promised yet.
    assert.deepEqual(recorder.gaps, []);
    assert.equal(server.commands.filter(({ args }) => /^PSUBSCRIBE$/i.test(args[0])).length, 4);
  });

  it('that confirms some of many names and closes is asked again for all', async () => {
    let closings = 1;
    const server = await start(([name, first], connection) => {
      if (!/^SUBSCRIBE$/i.test(name) || closings-- <= 0) return undefined;
      connection.push('subscribe', first, 1);
      connection.cut();
      return NO_REPLY;
    });
    const client = await connect(server);
    const recorder = new Recorder();
    const subscription = await client.subscribeKeyspace(['s:1', 's:2', 's:3'], recorder.listen);
    assert.equal(subscriber(server).channels.size, 3);
    for (const key of ['s:1', 's:2', 's:3']) subscriber(server).message(`__keyspace@0__:${key}`, 'set');
    await subscription.fence();
    recorder.assertOnceEach(['s:1', 's:2', 's:3']);
  });

  it('that says something before it has confirmed everything is heard once it has', async () => {
    let late: (() => void) | undefined;
    const server = await start(async ([name], connection) => {
      if (!/^PSUBSCRIBE$/i.test(name)) return undefined;
      connection.channels.add(`psubscribe ${PATTERN}`);
      connection.push('psubscribe', PATTERN, 1);
      say(connection, 's:early');
      await new Promise<void>(resolve => (late = resolve));
      return push('psubscribe', '__keyspace@0__:t:*', 2);
    });
    const client = await connect(server);
    const recorder = new Recorder();
    const subscribing = client.subscribeKeyspace(['s:*', 't:*'], recorder.listen);
    await waitFor('the server to have been asked', () => late);
    assert.deepEqual(recorder.heard, []);
    late!();
    const subscription = await subscribing;
    await subscription.fence();
    recorder.assertOnceEach(['s:early']);
  });

  it('that sends what no server sends is ignored and counted, and heard afterwards', async () => {
    const server = await start();
    const client = await connect(server);
    const recorder = new Recorder();
    const subscription = recorder.follow(await client.subscribeKeyspace('s:*', recorder.listen));
    const connection = subscriber(server);
    connection.push('unheard-of', 'x', 1);
    connection.pmessage(PATTERN, 'not a channel of ours', 'set');
    connection.pmessage('nobody:*', '__keyspace@0__:s:1', 'set');
    connection.message('__keyspace@0__:s:1', 'set');
    say(connection, 's:1');
    await subscription.fence();
    recorder.assertOnceEach(['s:1']);
    assert.equal(client.keyspace.status().ignored, 3);
    assert.deepEqual(recorder.gaps, []);
  });
});
