import assert from 'node:assert/strict';
import { ALL_SLOTS } from './slot-ranges';
import {
  isInterregnum,
  makeTopology,
  ownerOf,
  singleTopology,
  updateTopology,
  type NodeDraft,
  type Topology
} from './topology';

const address = (port: number) => ({ host: 'h', port, address: `h:${port}` });
const primary = (id: string, extra?: Partial<NodeDraft>): NodeDraft => ({
  id,
  role: 'primary',
  ...address(1),
  ...extra
});
const replica = (id: string, primaryId: string): NodeDraft => ({ id, role: 'replica', primaryId, ...address(2) });
const halves = (slot: number) => (slot < 8_192 ? 'a' : 'b');

describe('topology', () => {
  const drafts = [primary('a'), replica('r', 'a'), primary('b')];

  it('gives each primary its slots, and replicas none', () => {
    const topology = makeTopology(drafts, halves);
    assert.deepEqual(topology.nodes.get('a')!.slots, [[0, 8_191]]);
    assert.deepEqual(topology.nodes.get('b')!.slots, [[8_192, 16_383]]);
    assert.deepEqual(topology.nodes.get('r')!.slots, []);
    assert.equal(topology.nodes.get('r')!.primaryId, 'a');
    assert.equal(ownerOf(topology, 8_192)!.id, 'b');
    assert.equal(topology.sharded, true);
  });

  it('leaves a slot without owner when nobody, a replica or an unknown node is said to own it', () => {
    const topology = makeTopology(drafts, slot => (slot < 3 ? [undefined, 'r', 'x'][slot] : 'a'));
    assert.deepEqual(
      [0, 1, 2].map(slot => ownerOf(topology, slot)),
      [undefined, undefined, undefined]
    );
    assert.equal(ownerOf(topology, 3)!.id, 'a');
  });

  it('gives everything to the one primary outside a cluster, and lists a replica once', () => {
    const topology = singleTopology(address(1), [address(2), address(2), address(1)]);
    assert.equal(topology.sharded, false);
    assert.deepEqual(
      topology.primaries.map(({ id, slots }) => [id, slots]),
      [['h:1', ALL_SLOTS]]
    );
    assert.deepEqual([...topology.nodes.keys()], ['h:1', 'h:2']);
    assert.equal(ownerOf(topology, 12_345)!.id, 'h:1');
  });

  it('stays the very same value when an update says nothing new', () => {
    const current = makeTopology(drafts, halves);
    assert.equal(updateTopology(undefined, current), current);
    assert.equal(updateTopology(current, makeTopology(drafts, halves)), current);
    assert.equal(updateTopology(current, makeTopology([...drafts].reverse(), halves)), current);
  });

  const moving = (field: 'importing' | 'migrating', ...slots: number[]) => [
    primary('a', { [field]: new Set(slots) }),
    ...drafts.slice(1)
  ];
  const CHANGES: readonly [
    what: string,
    from: readonly NodeDraft[],
    to: readonly NodeDraft[],
    owner?: (slot: number) => string
  ][] = [
    ['a slot has another owner', drafts, drafts, slot => (slot === 8_192 ? 'a' : halves(slot))],
    ['a node is gone', drafts, drafts.filter(({ id }) => id !== 'r')],
    ['a node has another name', drafts, [...drafts.slice(0, 2), primary('c')]],
    ['an address is another', drafts, [primary('a', address(9)), ...drafts.slice(1)]],
    ['a replica follows another primary', drafts, [drafts[0], replica('r', 'b'), drafts[2]]],
    ['a replica is promoted', drafts, [drafts[0], primary('r', address(2)), drafts[2]]],
    ['a slot is being imported', drafts, moving('importing', 9)],
    ['a slot is leaving', drafts, moving('migrating', 9)],
    ['another slot is leaving', moving('migrating', 9), moving('migrating', 10)],
    ['a move has ended', moving('importing', 9), drafts]
  ];
  for (const [what, from, to, owner = halves] of CHANGES) {
    it(`is a new value when ${what}`, () => {
      const next = makeTopology(to, owner);
      assert.equal(updateTopology(makeTopology(from, halves), next), next);
    });
  }

  it('is a new value when a cluster is one no more', () => {
    const next = singleTopology(address(1));
    assert.equal(
      updateTopology(
        makeTopology([primary('h:1')], () => 'h:1'),
        next
      ),
      next
    );
  });
});

describe('an interregnum', () => {
  const before = makeTopology([primary('a'), replica('r', 'a'), primary('b')], halves);
  const lost = (slot: number) => (slot < 8_192 ? '' : 'b');

  it('is when a primary is a replica, and nobody owns its slots', () => {
    const next = makeTopology([replica('a', 'r'), replica('r', 'a'), primary('b')], lost);
    assert.equal(isInterregnum(before, next), true);
  });

  it('is one of a single slot too', () => {
    const next = makeTopology([replica('a', 'r'), primary('r'), primary('b')], slot =>
      slot === 5 ? '' : slot < 8_192 ? 'r' : 'b'
    );
    assert.equal(isInterregnum(before, next), true);
  });

  const OTHERS: readonly (readonly [what: string, next: Topology])[] = [
    ['its successor is known', makeTopology([replica('a', 'r'), primary('r'), primary('b')], halvesOf('r'))],
    ['it is gone', makeTopology([replica('r', 'a'), primary('b')], lost)],
    ['it has lost its slots otherwise', makeTopology([primary('a'), replica('r', 'a'), primary('b')], lost)],
    ['it is no cluster any more', singleTopology(address(1))]
  ];
  for (const [what, next] of OTHERS) {
    it(`is over, or none, when ${what}`, () => assert.equal(isInterregnum(before, next), false));
  }

  it('is none at first', () => assert.equal(isInterregnum(undefined, before), false));
});

function halvesOf(first: string): (slot: number) => string {
  return slot => (slot < 8_192 ? first : 'b');
}
