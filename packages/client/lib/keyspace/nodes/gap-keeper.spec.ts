import assert from 'node:assert/strict';
import { GapLedger, type GapListener, type KeyspaceGap } from '../delivery/gap';
import type { Subscription } from '../delivery/subscription';
import { KeyspaceRefusedError } from '../errors';
import type { Want } from '../plan/registry';
import type { SlotRanges } from '../plan/slot-ranges';
import { parseEventTarget } from '../plan/target';
import { makeTopology, singleTopology, type Topology } from '../plan/topology';
import { GapKeeper } from './gap-keeper';
import type { Node } from './handover';

const want = (slot?: number) => ({ slot, subscribers: [] as Subscription[] }) as unknown as Want<Subscription>;
const subscriptionOf = (log: string[], name: string, ...wants: Want<Subscription>[]) => {
  const tell = (word: string) => (gap: KeyspaceGap) =>
    log.push(
      `${name} ${word} ${gap.reason} ${gap.node} ${write(gap.slots)} since ${gap.since.getTime()}${gap.until ? ` until ${gap.until.getTime()}` : ''}`
    );
  const subscription = {
    wants,
    settings: { interest: { kind: 'keyevent', events: [parseEventTarget(name, 'event')] } },
    isEnded: false,
    openGap: tell('gap'),
    closeGap: tell('recovered')
  } as unknown as Subscription;
  for (const one of wants) one.subscribers.push(subscription);
  return subscription;
};
const write = (slots: SlotRanges) => slots.map(range => range.join('-')).join(',') || 'all';

function topologyOf(owner: (slot: number) => string, ids = ['a', 'b']): Topology {
  return makeTopology(
    ids.map((id, port) => ({ id, host: 'h', port, address: `h:${id}`, role: 'primary' })),
    owner
  );
}
/** `a` was surely heard until 5, and the topology known until 3. */
const KNOWN = { verifiedAt: 3, heardUntil: new Map([['a', 5]]) };
const LOST = { wasHeard: false };
const halves = (slot: number) => (slot < 8_192 ? 'a' : 'b');

/** A keeper over nodes whose state the test sets. */
function make(topology: Topology, ...subscriptions: Subscription[]) {
  const log: string[] = [];
  const doubts: boolean[] = [];
  const nodes = new Map<string, Node>();
  const wants = new Set(subscriptions.flatMap(subscription => [...subscription.wants]));
  const inactive = new Set<Want<Subscription>>();
  const state = { now: 9 };
  const add = (id: string, from = topology) => {
    const node = {
      node: from.nodes.get(id)!,
      address: `h:${id}`,
      state: 'ready',
      heardUntil: 5,
      wanted: wants,
      wants: (one: Want<Subscription>) => wants.has(one),
      isActive: (one: Want<Subscription>) => !inactive.has(one),
      get isSettled(): boolean {
        return this.state === 'ready';
      }
    };
    nodes.set(id, node as unknown as Node);
    return node;
  };
  for (const { id } of topology.primaries) add(id);
  const ledger = new GapLedger<GapListener>();
  const observer = {
    openGap: (gap: KeyspaceGap) => log.push(`gap ${gap.reason}`),
    closeGap: (gap: KeyspaceGap) => log.push(`recovered ${gap.reason}`)
  };
  const pending = new Set<string>();
  const keeper = new GapKeeper(ledger, observer, {
    established: new Set(subscriptions),
    nodes,
    now: () => state.now,
    isPending: id => pending.has(id),
    onDoubt: doubt => doubts.push(doubt)
  });
  const setState = (id: string, value: string) => ((nodes.get(id) as unknown as { state: string }).state = value);
  return { keeper, log, doubts, nodes, setState, inactive, add, ledger, pending };
}

const lostOf = ({ node: { slots } }: Node, reason: 'disconnected' | 'node-silent', since: number) => ({
  reason,
  slots,
  since
});

describe('gap keeper', () => {
  it('opens a gap when a connection is lost, for those whom its slots concern, and closes it when it is heard again', () => {
    const told: string[] = [];
    const topology = topologyOf(halves);
    const all = subscriptionOf(told, 'all', want());
    const low = subscriptionOf(told, 'low', want(5));
    const high = subscriptionOf(told, 'high', want(9_000));
    const { keeper, log, doubts, nodes, setState } = make(topology, all, low, high);
    setState('a', 'waiting');
    keeper.nodeLost(nodes.get('a')!, lostOf(nodes.get('a')!, 'disconnected', 5), topology);
    assert.deepEqual(told, ['all gap disconnected h:a 0-8191 since 5', 'low gap disconnected h:a 0-8191 since 5']);
    keeper.review(topology);
    assert.equal(told.length, 2);
    setState('a', 'ready');
    keeper.review(topology);
    assert.deepEqual(told.slice(2), [
      'all recovered disconnected h:a 0-8191 since 5 until 9',
      'low recovered disconnected h:a 0-8191 since 5 until 9'
    ]);
    assert.deepEqual(log, ['gap disconnected', 'recovered disconnected']);
    assert.deepEqual([doubts[0], doubts.at(-1)], [true, false]);
  });

  it('knows all keys, not slots, outside a cluster', () => {
    const told: string[] = [];
    const topology = singleTopology({ host: 'h', port: 1, address: 'h:1' });
    const { keeper, nodes, setState } = make(topology, subscriptionOf(told, 'one', want(5)));
    setState('h:1', 'waiting');
    keeper.nodeLost(nodes.get('h:1')!, lostOf(nodes.get('h:1')!, 'node-silent', 5), topology);
    assert.match(told[0], /^one gap node-silent .* all since 5$/);
    setState('h:1', 'ready');
    keeper.review(topology);
    assert.equal(told.length, 2);
  });

  it('opens none for a primary without slots, nor when nobody is concerned', () => {
    const told: string[] = [];
    const topology = topologyOf(() => 'a');
    const { keeper, nodes, ledger } = make(topology, subscriptionOf(told, 'one', want(5)));
    keeper.nodeLost(nodes.get('b')!, lostOf(nodes.get('b')!, 'disconnected', 5), topology);
    const none = make(topologyOf(halves), subscriptionOf(told, 'one', want(5)));
    none.keeper.nodeLost(none.nodes.get('b')!, lostOf(none.nodes.get('b')!, 'disconnected', 5), topologyOf(halves));
    assert.deepEqual([told, ledger.total, none.ledger.total], [[], 0, 0]);
  });

  it('waits for every owner of the slots, whoever that is by now', () => {
    const told: string[] = [];
    const topology = topologyOf(halves);
    const { keeper, nodes, setState, add } = make(topology, subscriptionOf(told, 'one', want()));
    keeper.nodeLost(nodes.get('a')!, lostOf(nodes.get('a')!, 'disconnected', 5), topology);
    const taken = topologyOf(slot => (slot < 100 ? 'c' : 'b'), ['b', 'c']);
    keeper.review(taken);
    assert.equal(told.length, 1);
    add('c', taken);
    setState('c', 'subscribing');
    keeper.review(taken);
    keeper.review(undefined);
    assert.equal(told.length, 1);
    setState('c', 'ready');
    const orphaned = topologyOf(slot => (slot < 100 ? 'nobody' : 'b'), ['b', 'c']);
    keeper.review(orphaned);
    assert.equal(told.length, 1);
    keeper.review(taken);
    assert.equal(told.length, 2);
  });

  describe('when slots have moved', () => {
    const before = topologyOf(halves);
    const moved = topologyOf(slot => (slot === 5 ? 'b' : halves(slot)));

    it('opens no gap where the new owner has confirmed everything', () => {
      const told: string[] = [];
      const { keeper, ledger } = make(moved, subscriptionOf(told, 'one', want(), want(5)));
      keeper.slotsMoved(before, moved, KNOWN);
      assert.equal(ledger.total, 0);
    });

    it('opens one since the last look, where the new owner is not connected yet', () => {
      const told: string[] = [];
      const { keeper, setState } = make(
        moved,
        subscriptionOf(told, 'one', want()),
        subscriptionOf(told, 'other', want(6))
      );
      setState('b', 'connecting');
      keeper.slotsMoved(before, moved, KNOWN);
      assert.deepEqual(told, ['one gap slots-moved h:b 5-5 since 3']);
    });

    it('opens one since the former owner was surely heard, if that was earlier', () => {
      const told: string[] = [];
      const { keeper, setState } = make(moved, subscriptionOf(told, 'one', want()));
      setState('b', 'connecting');
      keeper.slotsMoved(before, moved, { ...KNOWN, heardUntil: new Map([['a', 2]]) });
      assert.deepEqual(told, ['one gap slots-moved h:b 5-5 since 2']);
    });

    it('opens one for an import whose end nobody knows, and closes it when it is heard', () => {
      const told: string[] = [];
      const { keeper, nodes } = make(
        moved,
        subscriptionOf(told, 'one', want(5)),
        subscriptionOf(told, 'other', want(6))
      );
      keeper.blurred(nodes.get('b')!, [[5, 5]], 4);
      assert.equal(told.length, 1);
      keeper.review(moved);
      assert.deepEqual(told, [
        'one gap slots-moved h:b 5-5 since 4',
        'one recovered slots-moved h:b 5-5 since 4 until 9'
      ]);
    });

    it('opens one for those whose exact key the new owner has not confirmed, until it has', () => {
      const told: string[] = [];
      const key = want(5);
      const { keeper, inactive } = make(
        moved,
        subscriptionOf(told, 'key', key),
        subscriptionOf(told, 'pattern', want())
      );
      inactive.add(key);
      keeper.slotsMoved(before, moved, KNOWN);
      keeper.review(moved);
      assert.deepEqual(told, ['key gap slots-moved h:b 5-5 since 3']);
      inactive.clear();
      keeper.review(moved);
      assert.equal(told.length, 2);
    });

    it('calls it a failover when the former owner is no primary any more', () => {
      const told: string[] = [];
      const after = topologyOf(slot => (slot < 8_192 ? 'c' : 'b'), ['b', 'c']);
      const { keeper, setState } = make(after, subscriptionOf(told, 'one', want()));
      setState('c', 'connecting');
      keeper.slotsMoved(before, after, KNOWN);
      assert.deepEqual(told, ['one gap failover h:c 0-8191 since 3']);
    });

    it('opens one when the replica of a dead primary is connected, but nothing is subscribed on it yet', () => {
      const told: string[] = [];
      const after = topologyOf(slot => (slot < 8_192 ? 'c' : 'b'), ['b', 'c']);
      const [pattern, key] = [want(), want(9_000)];
      const { keeper, inactive } = make(
        after,
        subscriptionOf(told, 'pattern', pattern),
        subscriptionOf(told, 'key', key)
      );
      for (const one of [pattern, key]) inactive.add(one);
      keeper.slotsMoved(before, after, KNOWN);
      assert.deepEqual(told, ['pattern gap failover h:c 0-8191 since 3']);
    });

    it('waits while it is being found out whether anything was missed, and tells it when it may have been', () => {
      const told: string[] = [];
      const after = topologyOf(slot => (slot < 8_192 ? 'c' : 'b'), ['b', 'c']);
      const { keeper, setState, pending } = make(after, subscriptionOf(told, 'one', want()));
      setState('c', 'connecting');
      pending.add('c');
      keeper.slotsMoved(before, after, KNOWN);
      assert.deepEqual(told, []);
      keeper.unproven('c', LOST, after);
      assert.deepEqual(told, ['one gap failover h:c 0-8191 since 3']);
      keeper.unproven('c', LOST, after);
      keeper.unproven('unknown', LOST, after);
      assert.equal(told.length, 1, 'once, and of nobody else');
    });

    for (const [wasHeard, since] of [
      [true, 3],
      [false, 2]
    ] as const) {
      it(`begins it where the topology was ${wasHeard ? 'known' : 'known, and the former owner heard,'} last`, () => {
        const told: string[] = [];
        const after = topologyOf(slot => (slot < 8_192 ? 'c' : 'b'), ['b', 'c']);
        const { keeper, pending } = make(after, subscriptionOf(told, 'one', want()));
        pending.add('c');
        keeper.slotsMoved(before, after, { ...KNOWN, heardUntil: new Map([['a', 2]]) });
        keeper.unproven('c', { wasHeard }, after);
        assert.equal(told[0], `one gap failover h:c 0-8191 since ${since}`);
      });
    }

    it('tells it of all slots that came to the new primary, though some have left it again', () => {
      const told: string[] = [];
      const ownerIn = (of: Readonly<Record<number, string>>) =>
        topologyOf(slot => of[slot] ?? (slot < 8_192 ? 'c' : 'b'), ['b', 'c']);
      const { keeper, pending, setState } = make(ownerIn({}), subscriptionOf(told, 'one', want()));
      setState('c', 'connecting');
      pending.add('c');
      keeper.slotsMoved(before, ownerIn({ 9: 'b' }), KNOWN);
      keeper.slotsMoved(ownerIn({ 9: 'b' }), ownerIn({}), { ...KNOWN, verifiedAt: 4 });
      keeper.unproven('c', LOST, ownerIn({ 10: 'b' }));
      assert.deepEqual(told, ['one gap failover h:c 0-8191 since 3']);
    });

    it('forgets it when nothing was missed', () => {
      const told: string[] = [];
      const after = topologyOf(slot => (slot < 8_192 ? 'c' : 'b'), ['b', 'c']);
      const { keeper, pending } = make(after, subscriptionOf(told, 'one', want()));
      pending.add('c');
      keeper.slotsMoved(before, after, KNOWN);
      keeper.review(after);
      pending.delete('c');
      keeper.review(after);
      keeper.unproven('c', LOST, after);
      assert.deepEqual(told, []);
    });

    it('tells only those whom a word of a replica does not reach', () => {
      const told: string[] = [];
      const after = topologyOf(slot => (slot < 8_192 ? 'c' : 'b'), ['b', 'c']);
      const names = ['expired', 'del', '*', 'spop'].map(name => subscriptionOf(told, name, want()));
      const { keeper, pending } = make(after, ...names);
      pending.add('c');
      keeper.slotsMoved(before, after, KNOWN);
      keeper.unproven('c', { wasHeard: true, unheard: new Set(['del', 'hdel']) }, after);
      assert.deepEqual(told.slice(0, 1), ['expired gap failover h:c 0-8191 since 3']);
      assert.ok(told.every(text => text.startsWith('expired ')));
    });

    it('opens no second gap for slots that are in doubt already', () => {
      const told: string[] = [];
      const { keeper, nodes, setState } = make(before, subscriptionOf(told, 'one', want()));
      keeper.nodeLost(nodes.get('a')!, lostOf(nodes.get('a')!, 'disconnected', 5), before);
      setState('b', 'connecting');
      keeper.slotsMoved(before, moved, KNOWN);
      assert.equal(told.length, 1);
    });
  });

  it('tells what is refused, once, to those who wanted it, until it is allowed; and does not hurry for it', () => {
    const told: string[] = [];
    const key = want(5);
    const topology = topologyOf(halves);
    const { keeper, nodes, inactive, doubts } = make(
      topology,
      subscriptionOf(told, 'key', key),
      subscriptionOf(told, 'other', want())
    );
    inactive.add(key);
    const refusal = { want: key, error: new KeyspaceRefusedError('h:a', 'k', '&k', new Error('NOPERM')) };
    keeper.refused(nodes.get('a')!, [refusal], topology);
    keeper.refused(nodes.get('a')!, [refusal], topology);
    keeper.review(topology);
    assert.deepEqual(told, ['key gap refused h:a 0-8191 since 5']);
    assert.equal(doubts.at(-1), false);
    inactive.clear();
    keeper.review(topology);
    assert.equal(told.length, 2);
  });

  it('forgets a subscription that is gone, and everything when cleared', () => {
    const told: string[] = [];
    const topology = topologyOf(halves);
    const one = subscriptionOf(told, 'one', want());
    const { keeper, nodes, log, ledger } = make(topology, one);
    keeper.nodeLost(nodes.get('a')!, lostOf(nodes.get('a')!, 'disconnected', 5), topology);
    keeper.forget(one);
    keeper.review(topology);
    assert.deepEqual([told.length, log], [1, ['gap disconnected', 'recovered disconnected']]);
    keeper.nodeLost(nodes.get('a')!, lostOf(nodes.get('a')!, 'disconnected', 5), topology);
    keeper.clear();
    assert.equal(ledger.open.size, 0);
  });
});
