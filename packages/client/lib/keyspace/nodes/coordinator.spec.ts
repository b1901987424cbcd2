import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { waitFor } from '@redis-keyspace/test-utils';
import calculateSlot from 'cluster-key-slot';
import { ErrorReply } from '../../upstream';
import type { KeyspaceGap } from '../delivery/gap';
import { Subscription, type SubscriptionOwner } from '../delivery/subscription';
import { KeyspaceClosedError, KeyspaceRefusedError, KeyspaceTimeoutError } from '../errors';
import { makeTopology, type Topology } from '../plan/topology';
import { parseCall } from '../subscribe-call';
import type { AnswerPlace, ConnectionHandler, NodeConnection } from './connection';
import { Coordinator } from './coordinator';
import { statusOf } from './status';

const KEY_SLOT = calculateSlot('k');

/** Primaries by their ids; the slot of `k` belongs to `owner`, all others to the first. */
function topologyOf(owner: string, ids: readonly string[] = ['a', 'b'], replicas: readonly string[] = []): Topology {
  const node = (id: string, role: 'primary' | 'replica') => ({
    id,
    host: 'h',
    port: 1,
    address: `h:${id}`,
    role,
    ...(role === 'replica' && { primaryId: ids[0] })
  });
  return makeTopology([...ids.map(id => node(id, 'primary')), ...replicas.map(id => node(id, 'replica'))], slot =>
    slot === KEY_SLOT ? owner : ids[0]
  );
}

/** As CLUSTER NODES has it. */
function ownLineOf(id: string, topology: Topology | undefined): string {
  const node = topology?.nodes.get(id);
  const role = node?.role === 'replica' ? `slave ${node.primaryId}` : 'master -';
  return `${id} h:1@2 myself,${role} 0 0 1 connected ${(node?.slots ?? []).map(range => range.join('-')).join(' ')}`;
}

/** A server that remembers what is subscribed and says what it is told. */
class FakeNode {
  readonly names = new Set<string>();
  readonly handlers = new Set<ConnectionHandler>();
  isDown = false;
  isMute = false;
  refuses: string | undefined;
  /** Nothing is confirmed before that. */
  gate: Promise<void> | undefined;
  readonly asked: string[] = [];
  /** As CLUSTER MIGRATION STATUS has them. */
  jobs: unknown;
  readonly ownLine: () => string;

  /** @param ownLine what it says of itself when asked for CLUSTER NODES. */
  constructor(ownLine: () => string) {
    this.ownLine = ownLine;
  }

  connect(handler: ConnectionHandler): NodeConnection {
    if (this.isDown) throw new Error('ECONNREFUSED');
    const own = new Set<string>();
    this.handlers.add(handler);
    const pending: ((error: Error) => void)[] = [];
    const answer = (work: () => void) =>
      this.isMute ? new Promise<void>((_, reject) => pending.push(reject)) : Promise.resolve().then(work);
    return {
      subscribe: async names => {
        await this.gate;
        return answer(() => {
          if (names.some(name => name.toString() === this.refuses)) throw new ErrorReply('NOPERM no');
          for (const name of names.map(String)) {
            this.names.add(name);
            own.add(name);
          }
        });
      },
      unsubscribe: names => answer(() => names.forEach(name => this.names.delete(name.toString()))),
      ping: () => answer(() => {}),
      command: <T>() => Promise.resolve(this.jobs as T),
      ask: <T>([command]: readonly unknown[], { before, after }: AnswerPlace) => {
        this.asked.push(String(command));
        return answer(() => {
          before();
          after();
        }).then(() => this.ownLine() as T);
      },
      subscribeSharded: () => Promise.resolve(),
      destroy: () => {
        this.handlers.delete(handler);
        for (const name of own) this.names.delete(name);
        for (const reject of pending) reject(new Error('destroyed'));
      }
    };
  }

  say(channel: string, event: string, pattern?: string): void {
    for (const handler of this.handlers)
      handler.message(
        pattern === undefined ? undefined : Buffer.from(pattern),
        Buffer.from(channel),
        Buffer.from(event)
      );
  }

  cut(): void {
    for (const handler of [...this.handlers]) handler.closed(new Error('cut'));
  }
}

const PRIMARY_NAMES = ['evicted', 'expired', 'hexpired', 'hincrbyfloat', 'incrbyfloat', 'spop'].map(
  word => `__keyevent@0__:${word}`
);

const open: Coordinator[] = [];

function ownerOf(coordinator: Coordinator): SubscriptionOwner {
  return {
    tap: { channel: { hasSubscribers: false }, publish: () => undefined },
    givenUp: node => coordinator.tally.of(node).dropped++,
    unsubscribe: subscription => coordinator.unsubscribe(subscription),
    fence: () => coordinator.fence(),
    rescan: () => assert.fail('nobody rescans'),
    coverage: subscription => coordinator.coverage(subscription),
    report: error => assert.fail(error as Error)
  };
}

function make(topology: Topology | undefined, { subscribeTimeout = 2_000, fewNames = 0 } = {}) {
  const servers = new Map(['a', 'b', 'c'].map(id => [id, new FakeNode(() => ownLineOf(id, state.topology))]));
  const state = { topology, hint: () => {}, isWatched: false };
  const log: string[] = [];
  const coordinator = new Coordinator(
    {
      look: () => Promise.resolve(state.topology),
      watch: hint => {
        state.hint = hint;
        state.isWatched = true;
        return () => (state.isWatched = false);
      },
      connect: async (node, handler) => servers.get(node.id)!.connect(handler),
      onConnected: () => Promise.resolve(),
      onReady: (node, reason) => log.push(`ready ${node.node.id} ${reason}`),
      onLost: (node, reason) => log.push(`lost ${node.node.id} ${reason}`),
      onTopology: ({ primaries }) => log.push(`topology ${primaries.map(({ id }) => id).join('')}`)
    },
    {
      openGap: ({ reason }: KeyspaceGap) => log.push(`gap ${reason}`),
      closeGap: ({ reason }: KeyspaceGap) => log.push(`recovered ${reason}`)
    },
    {
      topologyRefreshInterval: 10_000,
      subscribeTimeout,
      fewNames,
      heartbeatInterval: 0,
      heartbeatTimeout: 200,
      now: Date.now,
      backoff: () => 5
    }
  );
  open.push(coordinator);
  const owner = ownerOf(coordinator);
  const makeSubscription = (target: unknown, options: object = {}) => {
    const heard: string[] = [];
    const listener = ({ key, event, node }: { key: string; event: string; node: string }) =>
      heard.push(`${event} ${key} ${node}`);
    const settings = parseCall('keyspace', { target }, [listener, options], {
      defaultDatabase: 0,
      keyPrefix: Buffer.alloc(0)
    });
    const subscription = new Subscription(settings, owner);
    subscription.outbox.start();
    return { subscription, heard };
  };
  const subscribe = async (target: unknown, options?: object) => {
    const made = makeSubscription(target, options);
    await coordinator.subscribe(made.subscription);
    return made;
  };
  const become = async (next: Topology | undefined) => {
    state.topology = next;
    state.hint();
    await coordinator.refresh();
  };
  const names = (id: string) => [...servers.get(id)!.names].sort();
  return {
    coordinator,
    servers,
    server: (id: string) => servers.get(id)!,
    state,
    log,
    subscribe,
    makeSubscription,
    become,
    names
  };
}

const PATTERN = '__keyspace@0__:*';
const KEY = '__keyspace@0__:k';

describe('coordinator', () => {
  afterEach(() => open.splice(0).forEach(coordinator => coordinator.close()));

  it('subscribes patterns at every primary, exact keys at their owner, and each name once', async () => {
    const { subscribe, names } = make(topologyOf('b'));
    const { subscription } = await subscribe(['*', 'k']);
    await subscribe('*');
    assert.deepEqual([names('a'), names('b')], [[PATTERN], [PATTERN, KEY]]);
    assert.deepEqual(subscription.coverage, { slots: 16_384, nodes: ['h:a', 'h:b'], complete: true });
  });

  it('subscribes exact keys at every primary while they are few: nothing shows beforehand that a slot moves', async () => {
    const { subscribe, names, become } = make(topologyOf('b'), { fewNames: 1 });
    const { subscription } = await subscribe('k');
    assert.deepEqual([names('a'), names('b')], [[KEY], [KEY]]);
    assert.deepEqual(subscription.coverage, { slots: 1, nodes: ['h:b'], complete: true });
    await subscribe('*');
    await become(topologyOf('b', ['a', 'b', 'c']));
    await waitFor('the new plan', () => names('c').length === 1 && names('a').length === 1, { interval: 1 });
    assert.deepEqual([names('a'), names('b')], [[PATTERN], [PATTERN, KEY]]);
  });

  it('delivers what the owner says, once', async () => {
    const { subscribe, server } = make(topologyOf('b'));
    const { heard } = await subscribe(['*', 'k']);
    server('b').say(KEY, 'set');
    server('b').say(KEY, 'set', PATTERN);
    server('a').say('__keyspace@0__:x', 'set', PATTERN);
    assert.deepEqual(heard, ['set k h:b', 'set x h:a']);
  });

  it('opens nothing and watches nothing until somebody subscribes, and nothing is left after the last', async () => {
    const { coordinator, subscribe, state, servers, names } = make(topologyOf('b'));
    assert.equal(state.isWatched, false);
    await coordinator.fence();
    const one = await subscribe('*');
    const two = await subscribe('k');
    await one.subscription.unsubscribe();
    assert.deepEqual([names('a'), names('b')], [[], [KEY]]);
    await two.subscription.unsubscribe();
    assert.deepEqual([state.isWatched, coordinator.nodes.size, coordinator.topology], [false, 0, undefined]);
    assert.ok([...servers.values()].every(({ handlers }) => handlers.size === 0));
    await subscribe('*');
    assert.equal(coordinator.nodes.size, 2);
  });

  it('unsubscribes some of the targets and keeps the others', async () => {
    const { coordinator, subscribe, names } = make(topologyOf('b'));
    const { subscription } = await subscribe(['k', 'x*']);
    await coordinator.unsubscribe(subscription, new Set(['=k']));
    assert.deepEqual([names('b'), subscription.isEnded], [['__keyspace@0__:x*'], false]);
    await coordinator.unsubscribe(subscription, new Set(['~x*']));
    assert.equal(subscription.isEnded, true);
  });

  it('follows an exact key to its new owner, subscribed there before it is dropped here', async () => {
    const { subscribe, become, names, server } = make(topologyOf('a'));
    const { heard } = await subscribe('k');
    assert.deepEqual([names('a'), names('b')], [[KEY], []]);
    server('b').isMute = true;
    await become(topologyOf('b'));
    await delay(5);
    assert.deepEqual(names('a'), [KEY]);
    server('b').isMute = false;
    server('b').cut();
    await waitFor('the new owner', () => names('b').length && !names('a').length, { interval: 1 });
    server('b').say(KEY, 'set');
    assert.deepEqual(heard, ['set k h:b']);
  });

  it('opens nodes that join and closes nodes that leave', async () => {
    const { subscribe, become, names, server, log, coordinator } = make(topologyOf('a', ['a', 'b']));
    await subscribe('*');
    await become(topologyOf('a', ['a', 'c'], ['b']));
    await waitFor('the change', () => names('c').length && names('b').length === PRIMARY_NAMES.length, { interval: 1 });
    assert.equal(server('b').handlers.size, 1, 'a replica is connected beforehand');
    assert.deepEqual(names('b').sort(), PRIMARY_NAMES, 'and subscribed to what only primaries say');
    assert.deepEqual([...coordinator.nodes.keys()], ['a', 'c']);
    assert.ok(log.includes('topology ac'));
    assert.ok(!log.some(text => text.startsWith('gap')));
  });

  it('takes from a promoted node what only primaries say, also while another primary cannot be reached', async () => {
    const { subscribe, become, names, server } = make(topologyOf('a', ['a'], ['c']));
    await subscribe('*');
    await waitFor('the replica', () => names('c').length === PRIMARY_NAMES.length, { interval: 1 });
    server('b').isDown = true;
    await become(topologyOf('b', ['c', 'b']));
    await waitFor('the promoted node', () => names('c').join() === PATTERN, { interval: 1 });
    assert.deepEqual(names('b'), []);
  });

  it('asks a new primary how far it is when all is confirmed there, also if the topology changes meanwhile', async () => {
    const { subscribe, become, names, server } = make(topologyOf('a', ['a'], ['c']));
    await subscribe('*');
    await waitFor('the replica', () => names('c').length === PRIMARY_NAMES.length, { interval: 1 });
    const questions = () => server('c').asked.filter(command => command === 'INFO').length;
    const before = questions();
    let confirm = () => {};
    server('c').gate = new Promise(resolve => (confirm = resolve));
    await become(topologyOf('c', ['c'], ['a']));
    await become(topologyOf('c', ['c', 'b'], ['a']));
    await delay(20);
    assert.equal(questions(), before);
    confirm();
    await waitFor('the question', () => questions() > before, { interval: 1 });
    assert.ok(names('c').includes(PATTERN));
  });

  it('closes a node that does not say its last words', async () => {
    const { subscribe, become, server } = make(topologyOf('a', ['a', 'b']));
    await subscribe('*');
    server('b').isMute = true;
    await become(topologyOf('a', ['a']));
    assert.equal(server('b').handlers.size, 1);
    await waitFor('the node to be given up', () => !server('b').handlers.size, { interval: 5 });
  });

  it('tells a gap when a connection is lost, and its end when it is heard again', async () => {
    const { subscribe, server, log } = make(topologyOf('b'));
    const { subscription } = await subscribe('*');
    const gaps: KeyspaceGap[] = [];
    subscription.on('gap', gap => gaps.push(gap)).on('recovered', gap => gaps.push(gap));
    server('b').cut();
    assert.equal(subscription.coverage.complete, false);
    await waitFor('the recovery', () => gaps.length === 2, { interval: 1 });
    assert.deepEqual(
      gaps.map(({ reason, node, slots, until }) => [reason, node, slots, until !== undefined]),
      [
        ['disconnected', 'h:b', [[KEY_SLOT, KEY_SLOT]], false],
        ['disconnected', 'h:b', [[KEY_SLOT, KEY_SLOT]], true]
      ]
    );
    assert.deepEqual(
      log.filter(text => /lost|gap|recovered/.test(text)),
      ['gap disconnected', 'lost b disconnected', 'recovered disconnected']
    );
    assert.equal(subscription.coverage.complete, true);
  });

  it('rejects and leaves nothing when a name is refused; others are not affected', async () => {
    const { coordinator, subscribe, server, names } = make(topologyOf('b'));
    const { subscription } = await subscribe('*');
    server('b').refuses = KEY;
    await assert.rejects(
      subscribe(['k', 'y*']),
      (error: unknown) => error instanceof KeyspaceRefusedError && error.node === 'h:b' && error.channel === KEY
    );
    await waitFor('the rest to be dropped', () => names('a').length === 1, { interval: 1 });
    assert.deepEqual([names('b'), coordinator.registry.size, subscription.coverage.complete], [[PATTERN], 1, true]);
  });

  it('rejects after subscribeTimeout, naming the nodes, and leaves nothing', async () => {
    const { coordinator, subscribe, server, state } = make(topologyOf('b'), { subscribeTimeout: 60 });
    server('b').isDown = true;
    await assert.rejects(subscribe('*'), (error: unknown) => {
      return (
        error instanceof KeyspaceTimeoutError &&
        /ECONNREFUSED/.test(String(error.cause)) &&
        error.nodes.join() === 'h:b'
      );
    });
    assert.deepEqual([coordinator.registry.size, coordinator.nodes.size, state.isWatched], [0, 0, false]);
  });

  it('does not wait for a primary without slots', async () => {
    const { subscribe, server } = make(topologyOf('a'));
    server('b').isDown = true;
    const { subscription } = await subscribe('*');
    assert.equal(subscription.coverage.complete, true);
  });

  it('waits for a topology, and for a node that is down', async () => {
    const { coordinator, makeSubscription, state, server } = make(undefined);
    const { subscription } = makeSubscription('*');
    server('b').isDown = true;
    const subscribing = coordinator.subscribe(subscription);
    await delay(10);
    state.topology = topologyOf('b');
    await delay(30);
    assert.equal(coordinator.established.size, 0);
    server('b').isDown = false;
    await subscribing;
    assert.equal(coordinator.established.size, 1);
  });

  it('ends with the signal, with its reason, while it waits', async () => {
    const { coordinator, makeSubscription, server } = make(topologyOf('b'));
    server('b').isDown = true;
    const controller = new AbortController();
    const { subscription } = makeSubscription('*', { abortSignal: controller.signal });
    const rejected = assert.rejects(coordinator.subscribe(subscription), /enough/);
    controller.abort(new Error('enough'));
    await rejected;
    assert.deepEqual([subscription.isEnded, coordinator.registry.size], [true, 0]);
  });

  it('ends everything when it is closed, also what is being subscribed', async () => {
    const { coordinator, subscribe, makeSubscription, server } = make(topologyOf('b'));
    const { subscription } = await subscribe('*');
    server('b').isDown = true;
    server('b').cut();
    const pending = coordinator.subscribe(makeSubscription('z*').subscription);
    const rejected = assert.rejects(pending, KeyspaceClosedError);
    coordinator.close();
    await rejected;
    assert.deepEqual(
      [subscription.isEnded, coordinator.nodes.size, coordinator.registry.size, coordinator.subscriptions.size],
      [true, 0, 0, 0]
    );
    coordinator.close();
  });

  it('is fenced by every owner, and waits for one that is being reconnected', async () => {
    const { coordinator, subscribe, server } = make(topologyOf('b'));
    await subscribe('*');
    await coordinator.fence();
    server('b').isDown = true;
    server('b').cut();
    let fenced = false;
    const fence = coordinator.fence().then(() => (fenced = true));
    await delay(20);
    assert.equal(fenced, false);
    server('b').isDown = false;
    await fence;
  });

  it('gives up a fence after subscribeTimeout', async () => {
    const { coordinator, subscribe, server } = make(topologyOf('b'), { subscribeTimeout: 60 });
    await subscribe('*');
    server('b').isDown = true;
    server('b').cut();
    await assert.rejects(coordinator.fence(), KeyspaceTimeoutError);
  });

  it('changes nothing when nobody knows the topology', async () => {
    const { coordinator, subscribe, become } = make(topologyOf('b'));
    const { subscription } = await subscribe('*');
    await become(undefined);
    assert.deepEqual([coordinator.nodes.size, subscription.coverage.complete], [2, true]);
  });

  it('tells what a server refuses after a reconnection as a gap, and goes on with the rest', async () => {
    const { subscribe, server, log, names } = make(topologyOf('b'));
    const one = await subscribe(['k', 'x*']);
    server('b').refuses = KEY;
    server('b').cut();
    await waitFor('the refusal', () => log.includes('gap refused'), { interval: 1 });
    assert.deepEqual(
      [names('b'), one.subscription.isEnded, one.subscription.coverage.complete],
      [['__keyspace@0__:x*'], false, false]
    );
    assert.ok(log.includes('recovered disconnected'));
  });

  it('reports its status', async () => {
    const { coordinator, subscribe, server } = make(topologyOf('b', ['a', 'b']));
    await subscribe('*');
    server('a').say('__keyspace@0__:x', 'set', PATTERN);
    server('a').say('__keyspace@0__:x', 'set', 'nobody*');
    server('b').isDown = true;
    server('b').cut();
    const { nodes, ...rest } = statusOf(coordinator);
    assert.deepEqual(
      nodes.map(({ node, role, state, slots, received, delivered, openGaps, error }) => [
        node,
        role,
        state,
        slots,
        received,
        delivered,
        openGaps,
        error?.message
      ]),
      [
        ['h:a', 'primary', 'ready', 16_383, 2, 1, 0, undefined],
        ['h:b', 'primary', 'waiting', 1, 0, 0, 1, 'cut']
      ]
    );
    assert.ok(nodes[0].connectedAt instanceof Date && nodes[0].heardUntil instanceof Date);
    assert.equal(nodes[1].connectedAt, undefined);
    const { gaps, ...counts } = rest;
    assert.deepEqual(counts, { subscriptions: 1, delivered: 1, dropped: 0, hidden: 0, ignored: 1 });
    assert.deepEqual([gaps.open.map(({ node }) => node), gaps.total, gaps.recovered], [['h:b'], 1, 0]);
    server('b').isDown = false;
    await waitFor('the recovery', () => statusOf(coordinator).gaps.recovered === 1, { interval: 1 });
    assert.deepEqual(
      statusOf(coordinator).nodes.map(({ openGaps }) => openGaps),
      [0, 0]
    );
  });

  it('counts what is hidden and dropped of each node, and goes on when all was unsubscribed', async () => {
    const { coordinator, subscribe, server, makeSubscription } = make(topologyOf('b'));
    server('b').jobs = [{ id: '1', operation: 'import', slots: '0-16383', state: 'streaming' }];
    const { subscription } = makeSubscription('*', { highWaterMark: 2 });
    const idle = new Subscription({ ...subscription.settings, listener: undefined }, ownerOf(coordinator));
    await coordinator.subscribe(idle);
    for (const key of ['v', 'w', 'x', 'y']) server('a').say(`__keyspace@0__:${key}`, 'set', PATTERN);
    server('b').say(KEY, 'set', PATTERN);
    server('b').say('__keyspace@0__:x', 'set', PATTERN);
    await waitFor('the decision', () => statusOf(coordinator).hidden === 1, { interval: 1 });
    const countsOf = () =>
      statusOf(coordinator).nodes.map(({ received, delivered, hidden, dropped }) => [
        received,
        delivered,
        hidden,
        dropped
      ]);
    const before = [
      [4, 4, 0, 3],
      [2, 1, 1, 0]
    ];
    assert.deepEqual(countsOf(), before);
    await idle.unsubscribe();
    assert.deepEqual(countsOf(), []);
    await subscribe('z*');
    assert.deepEqual(countsOf(), before);
    const { delivered, dropped } = statusOf(coordinator);
    assert.deepEqual([delivered, dropped], [5, 3]);
  });

  it('knows how long each PING took', async () => {
    const { coordinator, subscribe } = make(topologyOf('b'));
    await subscribe('*');
    assert.ok(statusOf(coordinator).nodes.every(({ fenceRoundTrip }) => fenceRoundTrip === undefined));
    await coordinator.fence();
    assert.ok(statusOf(coordinator).nodes.every(({ fenceRoundTrip }) => fenceRoundTrip! >= 0));
  });

  it('lists replicas behind the primaries, and tells of both when they are ready, lost, promoted and gone', async () => {
    const { coordinator, subscribe, become, server, log } = make(topologyOf('a', ['a'], ['b']));
    await subscribe('*');
    const roll = () => log.filter(text => /ready|lost/.test(text));
    await waitFor('the replica', () => roll().length === 2, { interval: 1 });
    assert.deepEqual(roll().sort(), ['ready a connected', 'ready b connected']);
    assert.deepEqual(
      statusOf(coordinator).nodes.map(({ node, role, state, slots }) => [node, role, state, slots]),
      [
        ['h:a', 'primary', 'ready', 16_384],
        ['h:b', 'replica', 'ready', 0]
      ]
    );
    log.length = 0;
    server('b').cut();
    await waitFor('the replica again', () => roll().length === 2, { interval: 1 });
    assert.deepEqual(roll(), ['lost b disconnected', 'ready b reconnected']);
    log.length = 0;
    await become(topologyOf('b', ['b'], ['a']));
    await waitFor('the change of roles', () => roll().length === 3, { interval: 1 });
    assert.deepEqual(roll().sort(), ['lost a demoted', 'ready a connected', 'ready b promoted']);
    log.length = 0;
    await become(topologyOf('b', ['b']));
    assert.deepEqual(roll(), ['lost a left']);
  });
});
