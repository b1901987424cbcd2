import assert from 'node:assert/strict';
import { Registry, type Want } from '../plan/registry';
import type { NotificationKind } from '../protocol';
import { parseCall, type CallTargets } from '../subscribe-call';
import { Dispatcher } from './dispatcher';
import { Subscription, type SubscriptionOwner } from './subscription';
import { makeCounts } from './tally';

/** A dispatcher, subscriptions that count, and a node that has confirmed what it is told to. */
function make() {
  const registry = new Registry<Subscription>();
  const dispatcher = new Dispatcher(registry);
  const inactive = new Set<string>();
  const counts = makeCounts();
  const node = { address: 'h:1', counts, isActive: (want: Want<Subscription>) => !inactive.has(want.text) };
  const subscribe = (kind: NotificationKind, targets: CallTargets, options: object = {}, listener = () => {}) => {
    const settings = parseCall(kind, targets, [listener, options], { defaultDatabase: 0, keyPrefix: Buffer.alloc(0) });
    const subscription = new Subscription(settings, {
      tap: { channel: { hasSubscribers: false } },
      report: (error: unknown) => assert.fail(error as Error)
    } as unknown as SubscriptionOwner);
    subscription.bind(settings.names, registry.add(subscription, settings.names).wants);
    subscription.outbox.start();
    return subscription;
  };
  const parse = (pattern: string | undefined, channel: string, payload: string) =>
    dispatcher.parse(
      node,
      pattern === undefined ? undefined : Buffer.from(pattern),
      Buffer.from(channel),
      Buffer.from(payload)
    );
  /** As a server sends it: once for the channel, and once for each pattern. */
  const publish = (channel: string, payload: string, ...names: (string | undefined)[]) => {
    for (const name of names) {
      const message = parse(name, channel, payload);
      if (message) dispatcher.dispatch(message);
    }
  };
  return { registry, dispatcher, subscribe, publish, parse, inactive, node };
}

const A = '__keyspace@0__:user:1';

describe('dispatcher', () => {
  it('brings a message to every subscription of its name', () => {
    const { subscribe, publish } = make();
    const [one, two] = [subscribe('keyspace', { target: 'user:*' }), subscribe('keyspace', { target: 'user:*' })];
    publish(A, 'set', '__keyspace@0__:user:*');
    assert.deepEqual([one.received, two.received], [1, 1]);
  });

  const OVERLAPS: readonly [targets: readonly string[], names: readonly (string | undefined)[]][] = [
    [
      ['user:*', '*:1'],
      ['__keyspace@0__:user:*', '__keyspace@0__:*:1']
    ],
    [
      ['user:*', '*:1'],
      ['__keyspace@0__:*:1', '__keyspace@0__:user:*']
    ],
    [
      ['user:1', 'user:*'],
      [undefined, '__keyspace@0__:user:*']
    ],
    [
      ['user:1', 'user:*', '*'],
      [undefined, '__keyspace@0__:*', '__keyspace@0__:user:*']
    ]
  ];
  for (const [target, names] of OVERLAPS) {
    it(`delivers once to who subscribed ${target.join(' and ')}, brought as ${names.map(name => name ?? 'the channel').join(', ')}`, () => {
      const { subscribe, publish } = make();
      const subscription = subscribe('keyspace', { target });
      publish(A, 'set', ...names);
      assert.equal(subscription.received, 1);
      publish(A, 'set', ...names);
      assert.equal(subscription.received, 2);
    });
  }

  it('lets the next name speak where the first is not confirmed', () => {
    const { subscribe, publish, inactive } = make();
    const subscription = subscribe('keyspace', { target: ['user:1', 'user:*', '*'] });
    inactive.add(A).add('__keyspace@0__:user:*');
    publish(A, 'set', '__keyspace@0__:*');
    assert.equal(subscription.received, 1);
  });

  it('does not let a name speak for another that does not match', () => {
    const { subscribe, publish } = make();
    const subscription = subscribe('keyspace', { target: ['order:*', 'user:*', 'user:2'] });
    publish(A, 'set', '__keyspace@0__:user:*');
    assert.equal(subscription.received, 1);
  });

  it('lets a listener subscribe and unsubscribe in the middle of a message', () => {
    const { subscribe, publish, registry } = make();
    const gone: Subscription[] = [];
    const first = subscribe('keyspace', { target: 'user:*' }, {}, () => {
      for (const one of gone) {
        registry.remove(one, [...one.wants]);
        one.end();
      }
      subscribe('keyspace', { target: 'user:*' });
    });
    gone.push(subscribe('keyspace', { target: 'user:*' }));
    const last = subscribe('keyspace', { target: 'user:*' });
    publish(A, 'set', '__keyspace@0__:user:*');
    assert.deepEqual(
      [first, gone[0], last].map(({ received }) => received),
      [1, 0, 1]
    );
  });

  const IGNORED: readonly [what: string, pattern: string | undefined, channel: string, payload: string][] = [
    ['a pattern that nobody wants', '__keyspace@0__:other*', '__keyspace@0__:other', 'set'],
    ['a channel that nobody wants', undefined, '__keyspace@0__:other', 'set'],
    ['what is no notification', '__keyspace@0__:user:*', '__keyspace@x__:user:1', 'set'],
    ['an empty event', '__keyspace@0__:user:*', A, '']
  ];
  for (const [what, pattern, channel, payload] of IGNORED) {
    it(`ignores and counts ${what}`, () => {
      const { subscribe, parse, dispatcher } = make();
      subscribe('keyspace', { target: 'user:*' });
      assert.equal(parse(pattern, channel, payload), undefined);
      assert.equal(dispatcher.ignored, 1);
    });
  }

  it('does not take a pattern that was given up for one that is wanted', () => {
    const { subscribe, parse, registry, dispatcher } = make();
    const subscription = subscribe('keyspace', { target: 'user:*' });
    assert.ok(parse('__keyspace@0__:user:*', A, 'set'));
    registry.remove(subscription, [...subscription.wants]);
    assert.equal(parse('__keyspace@0__:user:*', A, 'set'), undefined);
    const again = subscribe('keyspace', { target: 'user:*' });
    dispatcher.dispatch(parse('__keyspace@0__:user:*', A, 'set')!);
    assert.deepEqual([subscription.received, again.received], [0, 1]);
  });

  it('tells of the move of a key only those that asked for it', () => {
    const { subscribe, parse, dispatcher } = make();
    const quiet = subscribe('keyspace', { target: 'user:*' });
    const curious = subscribe('keyspace', { target: 'user:*' }, { slotMigration: 'show' });
    dispatcher.dispatchPhantom(parse('__keyspace@0__:user:*', A, 'restore')!);
    assert.deepEqual([quiet.received, curious.received], [0, 1]);
  });
});
