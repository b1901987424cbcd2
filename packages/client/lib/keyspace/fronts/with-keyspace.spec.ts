import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createClient, createClientPool } from '@redis/client';
import {
  FakeServer,
  NO_REPLY,
  encodeReply,
  push,
  stopAll,
  waitFor,
  type FakeConnection,
  type RecordedCommand
} from '@redis-keyspace/test-utils';
import type { KeyspaceOptions } from '../options';
import { attachKeyspace } from './with-keyspace';

const closing: (() => void)[] = [];

interface Draft {
  readonly RESP?: 2 | 3;
  readonly flags?: string;
  readonly version?: string;
  readonly keyspace?: KeyspaceOptions;
  readonly options?: object;
  /** What is said to every pattern of a PSUBSCRIBE in one piece with its confirmation. */
  readonly behind?: readonly [channel: string, payload: string];
}

/** A scripted server with a setting, and where its subscribers are. */
async function serve({ flags = 'AKE', version = '8.0.0', behind }: Draft) {
  const state = { flags };
  const server = await FakeServer.start({
    onCommand: ([name, ...patterns], connection) => {
      const [sub, , value] = patterns;
      if (behind && name.toLowerCase() === 'psubscribe') {
        const confirmed = patterns.map((pattern, index) => push('psubscribe', pattern, index + 1));
        const said = patterns.map(pattern => push('pmessage', pattern, ...behind));
        connection.write(Buffer.concat([...confirmed, ...said].map(reply => encodeReply(reply, connection.protocol))));
        return NO_REPLY;
      }
      if (name === 'INFO') return `# Server\r\nredis_version:${version}\r\n`;
      if (name !== 'CONFIG') return undefined;
      if (sub === 'SET') state.flags = value;
      return new Map([['notify-keyspace-events', state.flags]]);
    }
  });
  const subscriber = (): FakeConnection => server.connections.find(({ channels }) => channels.size > 0)!;
  const sent = (name: string) => server.commands.filter(({ args }: RecordedCommand) => args[0].toUpperCase() === name);
  return { server, state, subscriber, sent };
}

async function clientOf(draft: Draft = {}) {
  const served = await serve(draft);
  const { server } = served;
  const plain = createClient({ url: server.url, RESP: draft.RESP ?? 3, ...draft.options });
  const errors: Error[] = [];
  plain.on('error', error => errors.push(error as Error));
  const client = attachKeyspace(plain, { subscribeTimeout: 1_000, heartbeatInterval: 0, ...draft.keyspace });
  closing.push(() => plain.destroy());
  await plain.connect();
  return { client, plain, errors, ...served };
}

describe('a client with the keyspace API', () => {
  after(stopAll);
  afterEach(() =>
    closing.splice(0).forEach(close => {
      try {
        close();
      } catch {
        // Closed by the test.
      }
    })
  );

  for (const RESP of [2, 3] as const) {
    it(`hears, over RESP${RESP}, on a connection of its own, and leaves nothing behind`, async () => {
      const { client, server, subscriber } = await clientOf({ RESP });
      const heard: string[] = [];
      const subscription = await client.subscribeKeyspace('user:*', ({ key, event, node }) =>
        heard.push(`${event} ${key} ${node === server.address}`)
      );
      subscriber().pmessage('__keyspace@0__:user:*', '__keyspace@0__:user:1', 'set');
      await subscription.fence();
      assert.deepEqual(heard, ['set user:1 true']);
      assert.deepEqual(subscription.coverage, { slots: 16_384, nodes: [server.address], complete: true });
      await subscription.unsubscribe();
      await waitFor('the connection to close', () => server.connections.length === 1, { interval: 1 });
    });
  }

  it('hears in the database of the client, with its prefix, by an iterator', async () => {
    const { client, subscriber } = await clientOf({ options: { database: 2 } });
    const stream = await client.subscribeKeyevent('set', { bufferMode: true });
    subscriber().message('__keyevent@2__:set', Buffer.from([255]));
    for await (const { key, database } of stream) {
      assert.deepEqual([key, database], [Buffer.from([255]), 2]);
      break;
    }
  });

  it('has all six kinds of subscriptions, and unsubscribes by target, by listener, or all', async () => {
    const { client, subscriber } = await clientOf({ flags: 'AKESTIV', version: '8.8.0' });
    const names = () => [...(subscriber()?.channels ?? [])].map(name => name.split(' ')[1]).sort();
    const listener = () => {};
    await client.subscribeKeyspace(['a', 'b'], listener);
    await client.subscribeKeyevent('set', listener);
    await client.subscribeSubkeyspace('h', listener);
    await client.subscribeSubkeyevent('hset', listener);
    await client.subscribeSubkeyspaceItem('h', 'f', listener);
    await client.subscribeSubkeyspaceEvent('hset', 'h', listener);
    assert.equal(names().length, 7);
    await client.unsubscribeKeyspace('a', () => {});
    assert.equal(names().length, 7);
    await client.unsubscribeKeyspace('a', listener);
    assert.deepEqual(
      names().filter(name => name.startsWith('__keyspace')),
      ['__keyspace@0__:b']
    );
    await client.unsubscribeKeyspace();
    await client.unsubscribeSubkeyspace('h');
    await client.unsubscribeSubkeyevent('hset');
    await client.unsubscribeSubkeyspaceItem('h');
    await client.unsubscribeSubkeyspaceEvent('hset');
    assert.deepEqual(names(), ['__keyevent@0__:set']);
    await client.unsubscribeKeyevent();
    assert.equal(client.keyspace.status().subscriptions, 0);
  });

  for (const options of [{ RESP: 2 }, { RESP: 3 }, { RESP: 3, keyspace: { shareConnection: true } }] as const) {
    it(`delivers once what comes by two patterns right behind their confirmation, with ${JSON.stringify(options)}`, async () => {
      const { client } = await clientOf({ ...options, behind: ['__keyspace@0__:a1', 'set'] });
      const first = await client.subscribeKeyspace('zzz', () => {});
      const heard: string[] = [];
      const subscription = await client.subscribeKeyspace(['a*', '*1'], ({ key }) => heard.push(key));
      await first.fence();
      await subscription.fence();
      assert.deepEqual(heard, ['a1']);
    });
  }

  it('calls no listener before the caller has the handle', async () => {
    const { client, subscriber, server } = await clientOf();
    await client.subscribeKeyspace('*', () => {});
    const order: string[] = [];
    const subscribing = client.subscribeKeyspace('a*', () => order.push('listener'));
    await server.waitForCommand('psubscribe');
    subscriber().pmessage('__keyspace@0__:a*', '__keyspace@0__:a', 'set');
    void subscribing.then(() => order.push('handle'));
    const subscription = await subscribing;
    await subscription.fence();
    assert.equal(order[0], 'handle');
  });

  it('reports what listeners throw as errors of the client', async () => {
    const { client, errors, subscriber } = await clientOf();
    const subscription = await client.subscribeKeyspace('a', () => {
      throw new Error('of the user');
    });
    subscriber().message('__keyspace@0__:a', 'set');
    await subscription.fence();
    await waitFor('the error', () => errors.length, { interval: 1 });
    assert.deepEqual(
      errors.map(({ message }) => message),
      ['of the user']
    );
  });

  it('reports what listeners of its events throw, too', async () => {
    const { client, errors, subscriber } = await clientOf();
    client.keyspace.on('node-lost', () => {
      throw new Error('of the user');
    });
    const subscription = await client.subscribeKeyspace('a', () => {});
    subscriber().reset();
    await once(subscription, 'recovered');
    assert.deepEqual(
      errors.map(({ message }) => message),
      ['of the user']
    );
  });

  it('refuses wrong calls and closed clients', async () => {
    const { client, plain } = await clientOf();
    await assert.rejects(client.subscribeKeyspace(5 as never), { code: 'KEYSPACE_ARGUMENT' });
    await assert.rejects(client.unsubscribeKeyevent(5 as never), { code: 'KEYSPACE_ARGUMENT' });
    await assert.rejects(
      client.subscribeKeyspace('a', { abortSignal: AbortSignal.abort(new Error('enough')) }),
      /enough/
    );
    plain.destroy();
    await assert.rejects(client.subscribeKeyspace('a'), /The client is closed/);
    await assert.rejects(client.keyspace.check(), /The client is closed/);
  });

  it('ends a subscription with its signal', async () => {
    const { client } = await clientOf();
    const controller = new AbortController();
    const subscription = await client.subscribeKeyspace('a', () => {}, { abortSignal: controller.signal });
    const ended = once(subscription, 'end');
    controller.abort();
    await ended;
  });

  for (const method of ['close', 'destroy', 'disconnect'] as const) {
    it(`ends everything with ${method}()`, async () => {
      const { client, plain, server } = await clientOf();
      const subscription = await client.subscribeKeyspace('a', () => {});
      const ended = once(subscription, 'end');
      await (plain as unknown as Record<string, () => unknown>)[method]();
      await ended;
      await waitFor('the connections to close', () => server.connections.length === 0, { interval: 1 });
    });
  }

  it('warns of missing flags, checks and enables them', async () => {
    const { client, state } = await clientOf({ flags: 'x' });
    const warned = once(client.keyspace, 'warning');
    await client.subscribeKeyspace('a', () => {}, { events: 'set' });
    const [{ code, report }] = (await warned) as [{ code: string; report: { missing: string } }];
    assert.deepEqual([code, report.missing], ['KEYSPACE_NOTIFICATIONS_OFF', '$K']);
    assert.equal((await client.keyspace.check())[0].flags, 'x');
    assert.equal((await client.keyspace.enable())[0].missing, '');
    assert.equal(state.flags, '$xK');
  });

  it('warns the process where nobody listens', async () => {
    const { client } = await clientOf({ flags: '' });
    const warned = once(process, 'warning');
    await client.subscribeKeyspace('a', () => {});
    const [warning] = (await warned) as [Error & { code: string }];
    assert.deepEqual([warning.name, warning.code], ['KeyspaceWarning', 'KEYSPACE_NOTIFICATIONS_OFF']);
  });

  it('tells a gap when its connection is lost, and its end', async () => {
    const { client, subscriber } = await clientOf();
    const subscription = await client.subscribeKeyspace('a', () => {});
    const told = [once(subscription, 'gap'), once(client.keyspace, 'gap'), once(client.keyspace, 'node-lost')];
    const over = [once(subscription, 'recovered'), once(client.keyspace, 'recovered')];
    subscriber().cut();
    await Promise.all(told);
    await Promise.all(over);
    await client.keyspace.fence();
  });

  it('is the same object, has one API, and refuses other options', async () => {
    const { client, plain } = await clientOf();
    assert.equal(client, plain);
    assert.equal(attachKeyspace(plain).keyspace, client.keyspace);
    assert.equal((plain.withTypeMapping({}) as unknown as typeof client).keyspace, client.keyspace);
    assert.throws(() => attachKeyspace(plain, { heartbeatInterval: 5 }), { code: 'KEYSPACE_ATTACHED' });
    assert.ok(!Object.keys(plain).includes('keyspace'));
  });

  it('gives the API to its duplicate, without subscriptions', async () => {
    const { client, plain } = await clientOf();
    await client.subscribeKeyspace('a', () => {});
    const duplicate = plain.duplicate() as unknown as typeof client & typeof plain;
    assert.notEqual(duplicate.keyspace, client.keyspace);
    assert.equal(duplicate.keyspace.status().subscriptions, 0);
  });

  for (const value of [undefined, null, {}, 'redis://', () => {}]) {
    it(`is not made of ${String(value)}`, () => {
      assert.throws(() => attachKeyspace(value as never), { code: 'KEYSPACE_ARGUMENT', argument: 'client' });
    });
  }

  it('refuses options that it cannot have', () => {
    assert.throws(() => attachKeyspace(createClient(), { standby: true }), { code: 'KEYSPACE_UNSUPPORTED' });
    assert.throws(() => attachKeyspace(createClientPool(), { shareConnection: true }), {
      code: 'KEYSPACE_UNSUPPORTED'
    });
    assert.throws(() => attachKeyspace(createClient(), { heartbeat: 1 } as never), { code: 'KEYSPACE_ARGUMENT' });
  });
});

describe('a client that shares its connection', () => {
  afterEach(() => closing.splice(0).forEach(close => close()));

  it('subscribes on it, beside what its user has subscribed', async () => {
    const { client, plain, server, subscriber } = await clientOf({ keyspace: { shareConnection: true } });
    const own: string[] = [];
    await plain.subscribe('news', message => own.push(message));
    const heard: string[] = [];
    const subscription = await client.subscribeKeyspace('a*', ({ key }) => heard.push(key));
    assert.equal(server.connections.length, 1);
    subscriber().message('news', 'hello');
    subscriber().pmessage('__keyspace@0__:a*', '__keyspace@0__:a1', 'set');
    await subscription.fence();
    assert.deepEqual([own, heard], [['hello'], ['a1']]);
    await subscription.unsubscribe();
    await waitFor('the pattern to go', () => [...server.connections[0].channels].join() === 'subscribe news', {
      interval: 1
    });
  });

  it('subscribes again when the connection is made again', async () => {
    const { client, server } = await clientOf({
      keyspace: { shareConnection: true },
      options: { socket: { reconnectStrategy: 5 } }
    });
    const subscription = await client.subscribeKeyspace('a', () => {});
    const recovered = once(subscription, 'recovered');
    server.cut();
    await recovered;
    assert.deepEqual([...server.connections[0].channels], ['subscribe __keyspace@0__:a']);
  });

  it('refuses RESP2, and servers before 7.2', async () => {
    const old = await clientOf({ keyspace: { shareConnection: true }, version: '7.0.15' });
    await assert.rejects(old.client.subscribeKeyspace('a'), {
      code: 'KEYSPACE_UNSUPPORTED',
      message: /redis_version:7\.0/
    });
    const two = await clientOf({ keyspace: { shareConnection: true }, RESP: 2 });
    await assert.rejects(two.client.subscribeKeyspace('a'), { code: 'KEYSPACE_UNSUPPORTED', message: /RESP: 2/ });
  });
});

describe('a pool with the keyspace API', () => {
  after(stopAll);

  it('subscribes on one connection of its own, made of the options of the pool', async () => {
    const { server, subscriber } = await serve({});
    const pool = createClientPool({ url: server.url, RESP: 3, database: 1 }, { minimum: 1 });
    pool.on('error', () => {});
    const client = attachKeyspace(pool, { heartbeatInterval: 0 });
    await assert.rejects(client.subscribeKeyspace('a'), /The client is closed/);
    await pool.connect();
    const heard: string[] = [];
    const subscription = await client.subscribeKeyspace('a', ({ key, database }) => heard.push(`${key} ${database}`));
    subscriber().message('__keyspace@1__:a', 'set');
    await subscription.fence();
    assert.deepEqual(heard, ['a 1']);
    const ended = once(subscription, 'end');
    await pool.close();
    await ended;
    await waitFor('the connections to close', () => server.connections.length === 0, { interval: 1 });
  });

  it('is made with the API by createPool()', () => {
    const client = attachKeyspace(createClient({ url: 'redis://127.0.0.1:1' }), { heartbeatInterval: 5 });
    const pool = (client as unknown as { createPool(): { keyspace?: object } }).createPool();
    assert.ok(pool.keyspace);
  });
});
