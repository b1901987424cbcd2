import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { KeyspaceClosedError } from '../errors';
import { Registry } from '../plan/registry';
import { parseNotification, type NotificationKind } from '../protocol';
import { parseCall, type CallTargets } from '../subscribe-call';
import type { KeyspaceGap } from './gap';
import { StreamSubscription } from './stream';
import { Subscription, type DeliveryTap, type SubscriptionOwner } from './subscription';
import { makeCounts } from './tally';

const NOBODY: DeliveryTap = { channel: { hasSubscribers: false }, publish: () => assert.fail('nobody listens') };

/** A subscription as `subscribe…` makes it, with an owner that does nothing but end it. */
function make(kind: NotificationKind, targets: CallTargets, options: object = {}, keyPrefix = '') {
  const heard: unknown[] = [];
  const errors: unknown[] = [];
  const registry = new Registry<Subscription>();
  const tapped: unknown[] = [];
  const tap = { channel: { hasSubscribers: false }, publish: (told: unknown) => tapped.push(told) };
  const owner: SubscriptionOwner = {
    tap,
    givenUp: () => undefined,
    unsubscribe: subscription => Promise.resolve(subscription.end()),
    fence: () => Promise.resolve(),
    rescan: () => assert.fail('nobody rescans'),
    coverage: () => ({ slots: 7, nodes: ['h:1'], complete: false }),
    report: error => errors.push(error)
  };
  const listener = ({ key }: { key: unknown }, channel: unknown) => heard.push(key, channel);
  const settings = parseCall(kind, targets, [listener, options], {
    defaultDatabase: 0,
    keyPrefix: Buffer.from(keyPrefix)
  });
  const subscription = new Subscription(settings, owner);
  const { wants } = registry.add(subscription, settings.names);
  subscription.bind(settings.names, wants);
  subscription.outbox.start();
  const node = { address: 'h:1', counts: makeCounts(), isActive: () => true };
  const deliver = (channel: string, payload: string, want = wants[0]) => {
    const bytes = Buffer.from(channel, 'latin1');
    subscription.deliver({
      node,
      want,
      channel: bytes,
      notification: parseNotification(bytes, Buffer.from(payload, 'latin1'))!,
      number: 1
    });
  };
  return { subscription, wants, heard, errors, deliver, node, tap, tapped };
}

const gap: KeyspaceGap = {
  reason: 'disconnected',
  node: 'h:1',
  slots: [],
  since: new Date(),
  until: undefined,
  dropped: undefined
};

describe('subscription', () => {
  it('counts at its node what it is handed, and gives it to whoever follows, while anybody does', () => {
    const { deliver, node, tap, tapped, heard } = make('keyspace', { target: 'a*' }, { events: 'set' });
    deliver('__keyspace@0__:a', 'set');
    tap.channel.hasSubscribers = true;
    deliver('__keyspace@0__:ab', 'set');
    deliver('__keyspace@0__:ab', 'del');
    tap.channel.hasSubscribers = false;
    deliver('__keyspace@0__:abc', 'set');
    assert.deepEqual([node.counts.delivered, heard.length], [3, 6]);
    assert.deepEqual(tapped, [{ kind: 'keyspace', event: 'set', key: 'ab', database: 0, subkeys: [], node: 'h:1' }]);
  });

  it('hands the key and the channel over, as strings or as Buffers', () => {
    const strings = make('keyspace', { target: 'a' });
    strings.deliver('__keyspace@0__:a', 'set');
    assert.deepEqual(strings.heard, ['a', '__keyspace@0__:a']);
    const buffers = make('keyspace', { target: 'a' }, { bufferMode: true });
    buffers.deliver('__keyspace@0__:a', 'set');
    assert.deepEqual(buffers.heard, [Buffer.from('a'), Buffer.from('__keyspace@0__:a')]);
    assert.equal(buffers.subscription.received, 1);
  });

  it('strips the key prefix of the client', () => {
    const { deliver, heard } = make('keyspace', { target: 'a*' }, {}, 'p:');
    deliver('__keyspace@0__:p:ab', 'set');
    assert.deepEqual(heard, ['ab', '__keyspace@0__:p:ab']);
  });

  it('leaves it where it is with keyPrefix: false', () => {
    const { deliver, heard } = make('keyspace', { target: 'p:a' }, { keyPrefix: false }, 'p:');
    deliver('__keyspace@0__:p:a', 'set');
    assert.deepEqual(heard, ['p:a', '__keyspace@0__:p:a']);
  });

  it('by event hears nothing of keys without the prefix of the client', () => {
    const { deliver, heard } = make('keyevent', { event: 'set' }, {}, 'p:');
    deliver('__keyevent@0__:set', 'a');
    deliver('__keyevent@0__:set', 'p:a');
    assert.deepEqual(heard, ['a', '__keyevent@0__:set']);
  });

  it('filters by events and by keys', () => {
    const byEvents = make('keyspace', { target: 'a' }, { events: ['del', 'h*'] });
    for (const event of ['set', 'del', 'hset']) byEvents.deliver('__keyspace@0__:a', event);
    assert.equal(byEvents.subscription.received, 2);
    const byKeys = make('keyevent', { event: 'set' }, { keys: ['a', { prefix: 'b' }] });
    for (const key of ['a', 'aa', 'b', 'bb']) byKeys.deliver('__keyevent@0__:set', key);
    assert.equal(byKeys.subscription.received, 3);
  });

  it('checks what came by a pattern over all databases', () => {
    const { deliver, heard } = make('keyspace', { target: 'foo' }, { database: 'all' });
    deliver('__keyspace@0__:x__:foo', 'set');
    deliver('__keyspace@7__:foo', 'set');
    assert.deepEqual(heard, ['foo', '__keyspace@7__:foo']);
  });

  it('hears nothing after its end, tells it once, and fences no more', async () => {
    const { subscription, deliver, heard } = make('keyspace', { target: 'a' });
    let ends = 0;
    subscription.on('end', () => ends++);
    await Promise.all([subscription.unsubscribe(), subscription.unsubscribe()]);
    await subscription.unsubscribe();
    deliver('__keyspace@0__:a', 'set');
    assert.deepEqual([ends, subscription.isEnded, heard], [1, true, []]);
    await assert.rejects(subscription.fence(), KeyspaceClosedError);
  });

  it('ends with its block', async () => {
    const { subscription } = make('keyspace', { target: 'a' });
    {
      await using _ = subscription;
    }
    assert.equal(subscription.isEnded, true);
  });

  it('is fenced when its own queue is', async () => {
    let release = () => {};
    const { subscription, deliver } = make('keyspace', { target: 'a' });
    subscription.outbox.end();
    await subscription.fence();
    const heard: string[] = [];
    const settings = {
      ...subscription.settings,
      listener: ({ key }: { key: string }) => {
        heard.push(key);
        return new Promise<void>(resolve => (release = resolve));
      }
    };
    const busy = new Subscription(settings, { tap: NOBODY, fence: () => Promise.resolve() } as SubscriptionOwner);
    busy.outbox.start();
    const message = {
      node: { address: 'h:1', counts: makeCounts(), isActive: () => true },
      want: {} as never,
      channel: Buffer.from('__keyspace@0__:a'),
      notification: parseNotification(Buffer.from('__keyspace@0__:a'), Buffer.from('set'))!,
      number: 1
    };
    busy.deliver(message);
    busy.deliver(message);
    let fenced = false;
    const fence = busy.fence().then(() => (fenced = true));
    await turn();
    assert.equal(fenced, false);
    release();
    await fence;
    assert.deepEqual(heard, ['a', 'a']);
    deliver('__keyspace@0__:a', 'set');
  });

  it('tells gaps, needs nobody to hear them, and reports what a listener of them throws', () => {
    const { subscription, errors } = make('keyspace', { target: 'a' });
    subscription.openGap(gap);
    const told: KeyspaceGap[] = [];
    subscription.on('gap', one => told.push(one)).on('recovered', one => told.push(one));
    subscription.openGap(gap);
    subscription.closeGap({ ...gap, until: new Date() });
    assert.deepEqual(
      told.map(({ until }) => until !== undefined),
      [false, true]
    );
    subscription.on('gap', () => {
      throw new Error('of the user');
    });
    subscription.openGap(gap);
    assert.deepEqual(
      errors.map(error => (error as Error).message),
      ['of the user']
    );
  });

  it('knows its coverage from its owner', () => {
    const { subscription } = make('keyspace', { target: 'a' });
    assert.deepEqual([subscription.coverage.slots, subscription.dropped], [7, 0]);
  });

  it('gives up the names of one of its targets, and keeps the others', () => {
    const { subscription, wants } = make('keyspace', { target: ['a', 'b', 'c*'] }, { database: [0, 1] });
    assert.equal(subscription.hasOneName, false);
    assert.equal(subscription.patterns.length, 2);
    const gone = subscription.unbind(new Set(['=a', '~c*']));
    assert.deepEqual(
      gone.map(({ text }) => text),
      ['__keyspace@0__:a', '__keyspace@1__:a', '__keyspace@0__:c*', '__keyspace@1__:c*']
    );
    assert.deepEqual(
      [...subscription.wants].map(({ text }) => text),
      ['__keyspace@0__:b', '__keyspace@1__:b']
    );
    assert.deepEqual([wants.length, subscription.patterns.length], [6, 0]);
  });
});

describe('stream', () => {
  function stream(options: object = {}) {
    const settings = parseCall('keyspace', { target: 'a*' }, [options], {
      defaultDatabase: 0,
      keyPrefix: Buffer.alloc(0)
    });
    const owner = {
      tap: NOBODY,
      givenUp: () => undefined,
      unsubscribe: (one: Subscription) => Promise.resolve(one.end())
    } as Partial<SubscriptionOwner> as SubscriptionOwner;
    const subscription = new StreamSubscription(settings, owner);
    const put = (...keys: string[]) => {
      for (const key of keys) {
        const channel = Buffer.from(`__keyspace@0__:${key}`);
        subscription.deliver({
          node: { address: 'h:1', counts: makeCounts(), isActive: () => true },
          want: {} as never,
          channel,
          notification: parseNotification(channel, Buffer.from('set'))!,
          number: 1
        });
      }
    };
    return { subscription, put };
  }

  it('is read with for await, and break ends the subscription', async () => {
    const { subscription, put } = stream();
    put('a1', 'a2', 'a3');
    const heard: unknown[] = [];
    for await (const { key } of subscription) {
      heard.push(key);
      if (heard.length === 2) break;
    }
    assert.deepEqual([heard, subscription.isEnded], [['a1', 'a2'], true]);
  });

  it('ends the subscription when the loop throws', async () => {
    const { subscription, put } = stream();
    put('a1');
    await assert.rejects(async () => {
      for await (const { key } of subscription) throw new Error(`on ${String(key)}`);
    }, /on a1/);
    assert.equal(subscription.isEnded, true);
  });

  it('ends the loop when it is unsubscribed', async () => {
    const { subscription, put } = stream();
    const heard: unknown[] = [];
    const loop = (async () => {
      for await (const { key } of subscription) heard.push(key);
    })();
    put('a1');
    await turn();
    await subscription.unsubscribe();
    await loop;
    assert.deepEqual(heard, ['a1']);
  });

  it('gives batches of all that is there, at most so many', async () => {
    const { subscription, put } = stream();
    put('a1', 'a2', 'a3');
    const sizes: number[] = [];
    for await (const batch of subscription.batches({ max: 2 })) {
      sizes.push(batch.length);
      if (sizes.length === 2) break;
    }
    assert.deepEqual(sizes, [2, 1]);
    const whole = stream({ highWaterMark: 5 });
    whole.put('a1', 'a2', 'a3', 'a4');
    for await (const batch of whole.subscription.batches()) {
      assert.equal(batch.length, 4);
      break;
    }
  });

  for (const max of [0, -1, 1.5, '3', null, NaN]) {
    it(`refuses batches of ${JSON.stringify(max)}`, () => {
      assert.throws(() => stream().subscription.batches({ max: max as never }), {
        code: 'KEYSPACE_ARGUMENT',
        argument: 'max'
      });
    });
  }

  it('shares what comes among its readers', async () => {
    const { subscription, put } = stream();
    const heard: unknown[] = [];
    const read = async () => {
      for await (const { key } of subscription) heard.push(key);
    };
    const readers = [read(), read(), read()];
    put('a1', 'a2');
    await turn();
    put('a3', 'a4', 'a5');
    await turn();
    await subscription.unsubscribe();
    await Promise.all(readers);
    assert.deepEqual(heard.sort(), ['a1', 'a2', 'a3', 'a4', 'a5']);
  });
});
