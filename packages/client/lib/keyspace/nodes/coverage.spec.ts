import assert from 'node:assert/strict';
import type { Subscription } from '../delivery/subscription';
import type { Want } from '../plan/registry';
import { makeTopology, singleTopology, type Topology } from '../plan/topology';
import { coverageOf } from './coverage';
import type { Node } from './handover';

const want = (slot?: number) => ({ slot }) as Want<Subscription>;
const subscriptionOf = (...wants: Want<Subscription>[]) => ({ wants, isEnded: false }) as unknown as Subscription;

/** The primaries as nodes that are ready and have confirmed everything, until the test says otherwise. */
function nodesOf(topology: Topology) {
  const inactive = new Set<Want<Subscription>>();
  const isActive = (one: Want<Subscription>) => !inactive.has(one);
  const nodes = new Map(
    topology.primaries.map(({ id, address }) => [id, { address, state: 'ready', isActive } as unknown as Node])
  );
  const setState = (id: string, state: string) => Object.assign(nodes.get(id)!, { state });
  return { nodes, inactive, setState };
}

describe('coverage', () => {
  const topology = makeTopology(
    ['a', 'b'].map((id, port) => ({ id, host: 'h', port, address: `h:${id}`, role: 'primary' })),
    slot => (slot === 7 ? 'nobody' : slot < 8_192 ? 'a' : 'b')
  );

  it('is nothing before there is a topology, and after the end', () => {
    const subscription = subscriptionOf(want());
    const { nodes } = nodesOf(topology);
    const nothing = { slots: 0, nodes: [], complete: false };
    assert.deepEqual(coverageOf(subscription, undefined, nodes), nothing);
    assert.deepEqual(coverageOf({ ...subscription, isEnded: true } as Subscription, topology, nodes), nothing);
  });

  it('of a pattern is every slot that anybody owns', () => {
    const subscription = subscriptionOf(want());
    const { nodes, setState } = nodesOf(topology);
    assert.deepEqual(coverageOf(subscription, topology, nodes), {
      slots: 16_383,
      nodes: ['h:a', 'h:b'],
      complete: true
    });
    setState('b', 'waiting');
    assert.deepEqual(coverageOf(subscription, topology, nodes), { slots: 8_191, nodes: ['h:a'], complete: false });
  });

  it('of exact keys is their slots, at their owners', () => {
    const [low, high] = [want(5), want(9_000)];
    const subscription = subscriptionOf(low, want(5), high);
    const { nodes, inactive } = nodesOf(topology);
    assert.deepEqual(coverageOf(subscription, topology, nodes), { slots: 2, nodes: ['h:a', 'h:b'], complete: true });
    inactive.add(low);
    assert.deepEqual(coverageOf(subscription, topology, nodes), { slots: 1, nodes: ['h:a', 'h:b'], complete: false });
  });

  it('of a pattern and a key needs both', () => {
    const key = want(5);
    const subscription = subscriptionOf(want(), key);
    const { nodes, inactive } = nodesOf(topology);
    inactive.add(key);
    assert.equal(coverageOf(subscription, topology, nodes).complete, false);
  });

  it('outside a cluster is everything or nothing', () => {
    const single = singleTopology({ host: 'h', port: 1, address: 'h:1' });
    const subscription = subscriptionOf(want(5));
    const { nodes, setState } = nodesOf(single);
    assert.deepEqual(coverageOf(subscription, single, nodes), { slots: 16_384, nodes: ['h:1'], complete: true });
    setState('h:1', 'waiting');
    assert.deepEqual(coverageOf(subscription, single, nodes), { slots: 0, nodes: [], complete: false });
  });
});
