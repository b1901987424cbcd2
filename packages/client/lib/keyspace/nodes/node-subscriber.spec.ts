import assert from 'node:assert/strict';
import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';
import { FakeServer, NO_REPLY, error, stopAll, waitFor, type Reply } from '@redis-keyspace/test-utils';
import sinon from 'sinon';
import { ErrorReply } from '../../upstream';
import { KeyspaceClosedError, KeyspaceRefusedError } from '../errors';
import { Registry, type Want } from '../plan/registry';
import { singleTopology } from '../plan/topology';
import { openConnection, type ConnectionHandler, type NodeConnection } from './connection';
import type { Connect, NodeTimers } from './node-link';
import { NodeSubscriber, type NodeEvents } from './node-subscriber';

const [NODE] = singleTopology({ host: 'h', port: 1, address: 'h:1' }).primaries;
const TIMERS: NodeTimers = {
  heartbeatInterval: 100,
  heartbeatTimeout: 300,
  now: () => Date.now(),
  backoff: attempt => attempt * 10
};

/** What is not answered is not lost. */
const PATIENT: NodeTimers = { ...TIMERS, heartbeatInterval: 60_000, heartbeatTimeout: 60_000 };

function wantsOf(...texts: string[]): Want<string>[] {
  return texts.flatMap(
    text =>
      new Registry<string>().add('s', [{ bytes: Buffer.from(text), pattern: text.includes('*'), slot: undefined }])
        .wants
  );
}

/** A connection on which nothing is answered until it is told to. */
class FakeNodeConnection implements NodeConnection {
  readonly sent: string[] = [];
  readonly #waiting: { text: string; resolve(): void; reject(error: Error): void }[] = [];
  destroyed = false;
  automatic = true;

  constructor(readonly handler: ConnectionHandler) {}

  subscribe = (names: readonly Buffer[]) => this.#send(`+${names.join(' ')}`);
  unsubscribe = (names: readonly Buffer[]) => this.#send(`-${names.join(' ')}`);
  ping = () => this.#send('PING');
  command = <T>() => Promise.resolve('OK' as T);

  destroy(): void {
    this.destroyed = true;
    for (const { reject } of this.#waiting.splice(0)) reject(new Error('closed'));
  }

  async answer(failure?: Error): Promise<void> {
    const { resolve, reject } = this.#waiting.shift()!;
    if (failure) reject(failure);
    else resolve();
    await turn();
  }

  close(): void {
    this.handler.closed(new Error('closed by the server'));
  }

  say(channel: string): void {
    this.handler.message(undefined, Buffer.from(channel), Buffer.from('set'));
  }

  #send(text: string): Promise<void> {
    this.sent.push(text);
    if (this.automatic) return Promise.resolve();
    return new Promise((resolve, reject) => this.#waiting.push({ text, resolve, reject }));
  }
}

/** A subscriber whose connections are made by hand, and a log of what it tells. */
function make({
  automatic = true,
  timers = TIMERS,
  connected = () => Promise.resolve()
}: { automatic?: boolean; timers?: NodeTimers; connected?: () => Promise<void> } = {}) {
  const log: string[] = [];
  const connections: FakeNodeConnection[] = [];
  const plan: { fail?: Error; hang?: boolean; automatic?: boolean } = {};
  const connect: Connect = async (_node, handler, signal) => {
    log.push('connecting');
    if (plan.hang)
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));
    if (plan.fail) throw plan.fail;
    const connection = new FakeNodeConnection(handler);
    connection.automatic = plan.automatic ?? automatic;
    connections.push(connection);
    return connection;
  };
  const events: NodeEvents<string> = {
    connected,
    taken: (_node, channel) => log.push(`taken ${channel.toString()}`),
    look: () => Promise.resolve(''),
    ready: () => log.push('ready'),
    lost: (_node, reason, wasReady) => log.push(`lost ${reason} ${wasReady}`),
    refused: (_node, refusals) => log.push(`refused ${refusals.map(({ want }) => want.text).join(' ')}`),
    granted: () => log.push('granted'),
    message: (_node, _pattern, channel) => log.push(`message ${channel.toString()}`)
  };
  const node = new NodeSubscriber<string>(NODE, connect, events, timers);
  return { node, log, connections, plan, last: () => connections.at(-1)! };
}

describe('node subscriber', () => {
  let clock: sinon.SinonFakeTimers;
  beforeEach(
    () =>
      (clock = sinon.useFakeTimers({
        now: 1_000,
        toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date']
      }))
  );
  afterEach(() => clock.restore());

  it('subscribes all that is wanted when it is connected, and is ready then', async () => {
    const { node, log, last } = make();
    const added = node.add(wantsOf('a', 'p*'));
    assert.equal(node.state, 'waiting');
    node.open();
    assert.equal(node.state, 'connecting');
    await added;
    assert.deepEqual([node.state, last().sent, log], ['ready', ['+a', '+p*'], ['connecting', 'ready']]);
    assert.equal(node.isSettled, true);
    assert.deepEqual([node.connectedAt, node.heardUntil], [1_000, 1_000]);
  });

  it('tells ready before the first message of a connection, and counts all', async () => {
    const { node, log, last } = make({ automatic: false });
    void node.add(wantsOf('a'));
    node.open();
    await turn();
    last().say('a');
    assert.deepEqual(log, ['connecting']);
    await last().answer();
    last().say('b');
    assert.deepEqual([log, node.received], [['connecting', 'ready', 'message a', 'message b'], 2]);
  });

  it('subscribes what comes to be wanted while it subscribes', async () => {
    const { node, last } = make({ automatic: false });
    const first = node.add(wantsOf('a'));
    node.open();
    await turn();
    const second = node.add(wantsOf('b'));
    await last().answer();
    while (node.state !== 'ready') await last().answer();
    await Promise.all([first, second]);
    assert.deepEqual([...new Set(last().sent)], ['+a', '+b']);
    assert.equal(node.isSettled, true);
  });

  it('subscribes nothing before the node has been met: what comes would be taken for what follows', async () => {
    let meet = () => {};
    const { node, log, last } = make({ connected: () => new Promise<void>(resolve => (meet = resolve)) });
    const [first, second] = wantsOf('one', 'two');
    const added = [node.add([first])];
    node.open();
    await turn();
    added.push(node.add([second]));
    await turn();
    assert.deepEqual(last().sent, []);
    meet();
    await Promise.all(added);
    assert.deepEqual(last().sent, ['+one two']);
    assert.deepEqual(log, ['connecting', 'ready']);
    node.close();
  });

  it('connects again after each loss, later each time, and subscribes all again', async () => {
    const { node, log, connections, plan, last } = make();
    const [a] = wantsOf('a');
    node.open();
    await node.add([a]);
    plan.fail = new Error('refused');
    last().close();
    assert.deepEqual([node.state, node.isActive(a), node.isSettled], ['waiting', false, false]);
    await clock.tickAsync(10);
    await turn();
    assert.equal(node.lastError?.message, 'refused');
    delete plan.fail;
    await clock.tickAsync(19);
    assert.equal(connections.length, 1);
    await clock.tickAsync(1);
    await turn();
    assert.deepEqual([node.state, node.isActive(a), node.lastError, last().sent], ['ready', true, undefined, ['+a']]);
    assert.deepEqual(log, [
      'connecting',
      'ready',
      'lost disconnected true',
      'connecting',
      'lost disconnected false',
      'connecting',
      'ready'
    ]);
    node.close();
  });

  it('counts a node that does not answer PING as silent, and remembers until when it was heard', async () => {
    const { node, log, connections, last } = make();
    node.open();
    await turn();
    await clock.tickAsync(100);
    assert.equal(node.heardUntil, 1_100);
    last().automatic = false;
    await clock.tickAsync(400);
    assert.deepEqual(log, ['connecting', 'ready', 'lost node-silent true']);
    assert.deepEqual([connections[0].destroyed, node.heardUntil], [true, 1_100]);
    node.close();
  });

  it('gives up a connection that is not made in time, and tries again', async () => {
    const { node, log, plan } = make();
    plan.hang = true;
    node.open();
    await clock.tickAsync(300);
    assert.deepEqual(log, ['connecting', 'lost node-silent false']);
    await clock.tickAsync(10);
    assert.equal(log.length, 3);
    node.close();
  });

  it('gives up a connection on which subscribing is not answered', async () => {
    const { node, log, last } = make({ automatic: false });
    void node.add(wantsOf('a')).catch(() => undefined);
    node.open();
    await turn();
    await clock.tickAsync(400);
    assert.deepEqual([log, last().destroyed], [['connecting', 'lost node-silent false'], true]);
    node.close();
  });

  it('takes no word of a connection that it has given up', async () => {
    const { node, log, connections } = make();
    node.open();
    await turn();
    connections[0].close();
    connections[0].close();
    assert.deepEqual(log, ['connecting', 'ready', 'lost disconnected true']);
    node.close();
  });

  it('drops a connection that is made after it was closed', async () => {
    let finish = (_: NodeConnection) => {};
    const connect: Connect = () => new Promise(resolve => (finish = resolve));
    const node = new NodeSubscriber<string>(NODE, connect, {} as NodeEvents<string>, TIMERS);
    node.open();
    node.close();
    const connection = new FakeNodeConnection({} as ConnectionHandler);
    finish(connection);
    await turn();
    assert.deepEqual([connection.destroyed, node.state, clock.countTimers()], [true, 'closed', 0]);
  });

  it('ends everything that waits when it is closed, and leaves no timer', async () => {
    const { node, last } = make();
    const waiting = [node.add(wantsOf('a')), node.fence()].map(promise => assert.rejects(promise, KeyspaceClosedError));
    node.close();
    node.close();
    await Promise.all(waiting);
    await assert.rejects(node.fence(), KeyspaceClosedError);
    await assert.rejects(node.ping(), /h:1 is not connected/);
    await assert.rejects(node.command(['INFO']), /h:1 is not connected/);
    assert.equal(clock.countTimers(), 0);
    assert.equal(last(), undefined);
    node.open();
    assert.equal(node.state, 'closed');
  });

  it('is fenced by the next connection when the present one is lost', async () => {
    const { node, last } = make({ automatic: false });
    node.open();
    await turn();
    let fenced = false;
    const fence = node.fence().then(() => (fenced = true));
    await turn();
    last().close();
    await turn();
    assert.equal(fenced, false);
    await clock.tickAsync(10);
    await turn();
    await last().answer();
    await fence;
    assert.deepEqual(last().sent, ['PING']);
    node.close();
  });

  it('sends commands on its connection', async () => {
    const { node } = make();
    node.open();
    await turn();
    assert.equal(await node.command(['INFO']), 'OK');
    await node.ping();
    node.close();
  });
});

describe('node subscriber, names that come and go', () => {
  /** Ready, and from now on nothing is answered by itself. */
  async function ready(timers = TIMERS) {
    const made = make({ timers });
    made.node.open();
    await turn();
    made.last().automatic = false;
    return made;
  }
  const refused = new ErrorReply('NOPERM no');

  it('unsubscribes what is not wanted any more, and nothing else', async () => {
    const { node, last } = await ready();
    const [a, b] = wantsOf('a', 'b');
    const added = node.add([a, b]);
    await last().answer();
    await added;
    const dropped = node.drop([a, wantsOf('c')[0]]);
    await last().answer();
    await dropped;
    assert.deepEqual(last().sent, ['+a b', '-a']);
    assert.deepEqual([[...node.wanted], node.isActive(a), node.isSettled], [[b], false, true]);
    node.close();
  });

  it('unsubscribes what was dropped while it was being subscribed', async () => {
    const { node, last } = await ready();
    const [a] = wantsOf('a');
    const added = node.add([a]);
    await node.drop([a]);
    await last().answer();
    assert.deepEqual(last().sent, ['+a', '-a']);
    await last().answer();
    await added;
    assert.equal(node.isActive(a), false);
    node.close();
  });

  it('keeps a name that is wanted again while it is being unsubscribed', async () => {
    const { node, last } = await ready();
    const [first, second] = wantsOf('a', 'a');
    const added = node.add([first]);
    await last().answer();
    await added;
    const dropped = node.drop([first]);
    const again = node.add([second]);
    await last().answer();
    await last().answer();
    await Promise.all([dropped, again]);
    assert.deepEqual([last().sent, node.isActive(second), node.isActive(first)], [['+a', '-a', '+a'], true, false]);
    node.close();
  });

  it('keeps a name that is wanted again by another before the first is dropped', async () => {
    const { node, last } = await ready();
    const [first, second] = wantsOf('a', 'a');
    const added = [node.add([first]), node.add([second])];
    await node.drop([first]);
    await last().answer();
    await last().answer();
    await Promise.all(added);
    assert.deepEqual([last().sent, node.isActive(second)], [['+a', '+a'], true]);
    node.close();
  });

  it('refuses who asked for a refused name, and wants it no more', async () => {
    const { node, last } = await ready();
    const [a, b] = wantsOf('a', 'b');
    const rejected = assert.rejects(node.add([a, b]), (error: KeyspaceRefusedError) => {
      return error instanceof KeyspaceRefusedError && error.channel === 'b' && error.node === 'h:1';
    });
    await last().answer(refused);
    await last().answer();
    await last().answer(refused);
    await rejected;
    assert.deepEqual([[...node.wanted], node.refused.size], [[a], 0]);
    node.close();
  });

  it('forgets the refusal of what was dropped meanwhile', async () => {
    const { node, last } = await ready();
    const [a] = wantsOf('a');
    const added = node.add([a]);
    await node.drop([a]);
    await last().answer(refused);
    await added;
    assert.deepEqual([node.refused.size, node.isSettled], [0, true]);
    node.close();
  });

  it('unsubscribes at once all that was dropped while it was being subscribed', async () => {
    const { node, last } = await ready();
    const wants = wantsOf('a', 'b', 'c');
    const added = node.add(wants);
    await node.drop(wants.slice(0, 2));
    await last().answer();
    assert.deepEqual(last().sent, ['+a b c', '-a b']);
    await last().answer();
    await added;
    node.close();
  });

  it('tells what is refused after a reconnection, is ready all the same, and asks until it is allowed', async () => {
    const { node, log, last, plan } = await ready(PATIENT);
    plan.automatic = false;
    const wants = wantsOf('a', 'b', 'c');
    const added = node.add(wants);
    await last().answer();
    await added;
    last().close();
    const first = last();
    await waitFor('the next connection', () => last() !== first && last().sent.length, { interval: 1 });
    const again = last();
    // All, the first, the other two, and each of these.
    for (const answer of [refused, refused, refused, refused, undefined]) await again.answer(answer);
    assert.deepEqual([node.state, node.isSettled], ['ready', true]);
    assert.deepEqual(log.slice(-2), ['ready', 'refused a b']);
    assert.deepEqual([...node.refused.keys()], wants.slice(0, 2));
    again.sent.length = 0;
    await askAgain(again, refused);
    await askAgain(again);
    await again.answer();
    // In turn, one at a time, until one is allowed.
    assert.deepEqual(again.sent, ['+a', '+b', '+a']);
    assert.deepEqual([node.refused.size, log.at(-1)], [0, 'granted']);
    node.close();
  });

  it('asks a connection that is gone for nothing again', async () => {
    const { node, last, plan, log } = await ready(PATIENT);
    plan.automatic = false;
    const added = node.add(wantsOf('a'));
    await last().answer();
    await added;
    last().close();
    const first = last();
    await waitFor('the next connection', () => last() !== first && last().sent.length, { interval: 1 });
    await last().answer(refused);
    node.close();
    await delay(600);
    assert.equal(last().sent.length, 1);
    assert.ok(!log.includes('granted'));
  });

  async function askAgain(connection: FakeNodeConnection, failure?: Error): Promise<void> {
    const { length } = connection.sent;
    await waitFor('it to be asked again', () => connection.sent.length > length, { interval: 1 });
    await connection.answer(failure);
  }
});

describe('node subscriber on a server with faults', () => {
  after(stopAll);
  afterEach(() => open.splice(0).forEach(close => close()));
  const open: (() => void)[] = [];

  async function connected(
    RESP: 2 | 3,
    onCommand?: (args: readonly string[]) => Reply | typeof NO_REPLY | undefined,
    timers?: Partial<NodeTimers>
  ) {
    const server = await FakeServer.start({
      onCommand: ([name, ...args]) => onCommand?.([name.toUpperCase(), ...args])
    });
    const log: string[] = [];
    const events: NodeEvents<string> = {
      connected: () => Promise.resolve(),
      taken: (_node, channel) => log.push(`taken ${channel.toString()}`),
      look: () => Promise.resolve(''),
      ready: () => log.push('ready'),
      lost: (_node, reason, wasReady) => log.push(`lost ${reason} ${wasReady}`),
      refused: () => log.push('refused'),
      granted: () => log.push('granted'),
      message: (_node, pattern, channel, payload) =>
        log.push(`${pattern?.toString() ?? ''} ${channel.toString()} ${payload.toString()}`)
    };
    const options = { RESP, socket: { host: server.host, port: server.port } } as never;
    const connect: Connect = (_node, handler, signal) => openConnection(options, handler, signal);
    const node = new NodeSubscriber<string>(NODE, connect, events, {
      ...TIMERS,
      heartbeatInterval: 0,
      heartbeatTimeout: 2_000,
      backoff: () => 5,
      ...timers
    });
    open.push(() => node.close());
    node.open();
    /** What the server holds as subscribed by its last connection. */
    const held = () => [...(server.connections.at(-1)?.channels ?? [])].sort();
    return { server, node, log, held };
  }

  for (const RESP of [2, 3] as const) {
    describe(`with RESP${RESP}`, () => {
      it('reads messages that come in half frames, one byte at a time', async () => {
        const { server, node, log } = await connected(RESP);
        await node.add(wantsOf('a', 'p*'));
        const [connection] = server.connections;
        connection.chunkSize = 1;
        connection.message('a', 'x\r\ny');
        connection.pmessage('p*', 'p1', Buffer.from([0xff]));
        await node.fence();
        assert.deepEqual(log, ['ready', ' a x\r\ny', `p* p1 ${Buffer.from([0xff]).toString()}`]);
      });

      it('subscribes everything again after a connection that was cut while it subscribed', async () => {
        let subscribed = 0;
        const { server, node, held } = await connected(RESP, ([name]) => {
          if (name !== 'PSUBSCRIBE' || subscribed++ > 1) return undefined;
          server.cut();
          return NO_REPLY;
        });
        await node.add(wantsOf('a', 'p*'));
        assert.deepEqual(held(), ['psubscribe p*', 'subscribe a']);
        assert.equal(server.accepted, 3);
      });

      it('subscribes everything again after a connection that was cut, and tells the loss once', async () => {
        const { server, node, log, held } = await connected(RESP);
        await node.add(wantsOf('a', 'b'));
        server.cut();
        await waitFor('the loss', () => log.includes('lost disconnected true'), { interval: 1 });
        await node.fence();
        assert.deepEqual(held(), ['subscribe a', 'subscribe b']);
        assert.deepEqual(log, ['ready', 'lost disconnected true', 'ready']);
      });

      it('subscribes all names but the refused ones', async () => {
        const { node, held } = await connected(RESP, ([name, ...names]) => {
          return name === 'SUBSCRIBE' && names.some(text => text.startsWith('bad')) ? error('NOPERM no') : undefined;
        });
        await assert.rejects(node.add(wantsOf('a', 'bad1', 'b', 'bad2')), { channel: 'bad1' });
        await node.fence();
        assert.deepEqual(held(), ['subscribe a', 'subscribe b']);
      });

      it('is not stopped by a server that takes connections and never answers HELLO', async () => {
        let hung = 0;
        const { node, log } = await connected(
          RESP,
          ([name]) => (name !== 'PING' && hung++ < 1 ? NO_REPLY : undefined),
          { heartbeatTimeout: 50 }
        );
        await node.add(wantsOf('a'));
        assert.deepEqual(log, RESP === 3 ? ['lost node-silent false', 'ready'] : log);
      });

      it('has in the end what was asked for last, however often a name comes and goes', async () => {
        const { node, held } = await connected(RESP);
        await node.add(wantsOf('stays', 'stays*'));
        for (let round = 0; round < 20; round++) {
          const [a, b, p] = wantsOf('a', 'b', 'p*');
          const added = node.add([a, b, p]);
          if (round % 2) await turn();
          if (round % 3) await added;
          void node.drop([a, p]);
          if (round % 5) void node.drop([b]);
        }
        const last = wantsOf('a', 'p*');
        await node.add(last);
        await node.fence();
        assert.deepEqual(
          [...node.wanted]
            .map(({ text }) => text)
            .sort()
            .filter(text => text !== 'b'),
          ['a', 'p*', 'stays', 'stays*']
        );
        assert.deepEqual(
          held().filter(name => name !== 'subscribe b'),
          ['psubscribe p*', 'psubscribe stays*', 'subscribe a', 'subscribe stays']
        );
        assert.ok(last.every(want => node.isActive(want)));
      });
    });
  }
});
