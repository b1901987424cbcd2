import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ALL_SLOTS, rangesWhere, type SlotRanges } from './slot-ranges';
import { makeTopology, ownerOf, singleTopology, type NodeDraft, type Topology } from './topology';
import { diffTopology, type TopologyDiff } from './topology-diff';

const address = (id: string) => ({ host: id, port: 1, address: `${id}:1` });
const primary = (id: string, ...importing: number[]): NodeDraft => ({
  id,
  role: 'primary',
  ...address(id),
  importing: new Set(importing)
});
const replica = (id: string, primaryId: string): NodeDraft => ({ id, role: 'replica', primaryId, ...address(id) });

const NOTHING: TopologyDiff = {
  gained: new Map(),
  lost: new Map(),
  importing: new Map(),
  joined: [],
  left: [],
  promoted: [],
  demoted: []
};

/** What differs from nothing, nodes by their ids. */
function told(previous: Topology | undefined, next: Topology): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(diffTopology(previous, next)).flatMap(([what, value]) => {
      if (!(value instanceof Map)) return value.length ? [[what, value.map(({ id }: { id: string }) => id)]] : [];
      return value.size ? [[what, Object.fromEntries(value as Map<string, SlotRanges>)]] : [];
    })
  );
}

describe('the difference of two topologies', () => {
  const halves = (slot: number) => (slot < 8_192 ? 'a' : 'b');
  const drafts = [primary('a'), primary('b'), replica('r', 'a')];
  const current = makeTopology(drafts, halves);

  it('is nothing between a topology and itself, in whatever order its nodes come', () => {
    assert.deepEqual(diffTopology(current, current), NOTHING);
    assert.deepEqual(diffTopology(current, makeTopology([...drafts].reverse(), halves)), NOTHING);
  });

  it('is everything when there was nothing', () => {
    assert.deepEqual(told(undefined, current), {
      gained: { a: [[0, 8_191]], b: [[8_192, 16_383]] },
      joined: ['a', 'b', 'r']
    });
  });

  const CASES: readonly [
    what: string,
    drafts: readonly NodeDraft[],
    ownerOf: (slot: number) => string | undefined,
    Record<string, unknown>
  ][] = [
    [
      'slots that moved, at both ends',
      drafts,
      slot => (slot === 5 || slot === 7 ? 'b' : halves(slot)),
      {
        gained: {
          b: [
            [5, 5],
            [7, 7]
          ]
        },
        lost: {
          a: [
            [5, 5],
            [7, 7]
          ]
        }
      }
    ],
    ['slots that nobody owns now', drafts, slot => (slot < 2 ? undefined : halves(slot)), { lost: { a: [[0, 1]] } }],
    [
      'a failover: who is what, and whose all slots are',
      [replica('a', 'r'), primary('b'), primary('r')],
      slot => (slot < 8_192 ? 'r' : 'b'),
      { gained: { r: [[0, 8_191]] }, lost: { a: [[0, 8_191]] }, promoted: ['r'], demoted: ['a'] }
    ],
    ['a node that joined', [...drafts, primary('c')], halves, { joined: ['c'] }],
    ['a replica that left', drafts.slice(0, 2), halves, { left: ['r'] }],
    [
      'a primary that left with its slots',
      [primary('b'), replica('r', 'b')],
      () => 'b',
      { gained: { b: [[0, 8_191]] }, lost: { a: [[0, 8_191]] }, left: ['a'] }
    ],
    ['nothing of a replica that follows another primary', [...drafts.slice(0, 2), replica('r', 'b')], halves, {}],
    [
      'a classic import that has begun',
      [primary('a'), primary('b', 7, 3, 4), replica('r', 'a')],
      halves,
      {
        importing: {
          b: [
            [3, 4],
            [7, 7]
          ]
        }
      }
    ]
  ];
  for (const [what, now, ownerOf, expected] of CASES) {
    it(`tells ${what}`, () => assert.deepEqual(told(current, makeTopology(now, ownerOf)), expected));
  }

  it('tells slots that somebody owns at last', () => {
    const vacant = makeTopology(drafts, slot => (slot === 0 ? undefined : halves(slot)));
    assert.deepEqual(told(vacant, current), { gained: { a: [[0, 0]] } });
  });

  it('tells no import that goes on, and none that has ended', () => {
    const moving = makeTopology([primary('a', 9_000), ...drafts.slice(1)], halves);
    assert.deepEqual(told(moving, moving), {});
    assert.deepEqual(told(moving, current), {});
  });

  it('tells a new primary outside a cluster as the owner of everything', () => {
    assert.deepEqual(told(singleTopology(address('a')), singleTopology(address('b'), [address('a')])), {
      gained: { 'b:1': ALL_SLOTS },
      lost: { 'a:1': ALL_SLOTS },
      joined: ['b:1'],
      demoted: ['a:1']
    });
  });
});

describe('the difference of any two topologies', () => {
  const IDS = ['a', 'b', 'c', 'd', 'e'];
  const SLOTS = 12;

  /** Each id is nobody, a primary or a replica; the first slots are owned by one or nobody, some are imported. */
  const topologies = fc
    .record({
      roles: fc.array(fc.constantFrom('none', 'primary', 'primary', 'replica'), { minLength: 5, maxLength: 5 }),
      order: fc.shuffledSubarray(IDS, { minLength: 5 }),
      owners: fc.array(fc.constantFrom('', ...IDS), { minLength: SLOTS, maxLength: SLOTS }),
      importing: fc.array(fc.subarray([0, 1, 2, 5], { maxLength: 3 }), { minLength: 5, maxLength: 5 })
    })
    .map(({ roles, order, owners, importing }): Topology => {
      const drafts = order.flatMap(id => {
        const index = IDS.indexOf(id);
        if (roles[index] === 'none') return [];
        return [roles[index] === 'primary' ? primary(id, ...importing[index]) : replica(id, 'a')];
      });
      return makeTopology(drafts, slot => owners[slot]);
    });

  const owner = (topology: Topology, slot: number) => ownerOf(topology, slot)?.id;

  /** Primary by primary, slot by slot. */
  function model(previous: Topology, next: Topology): TopologyDiff {
    const ranges = ({ primaries }: Topology, test: (slot: number, id: string) => boolean) =>
      new Map(
        primaries
          .map(({ id }) => [id, rangesWhere(slot => test(slot, id))] as const)
          .filter(([, slots]) => slots.length)
      );
    const roleIn = (topology: Topology, id: string) => topology.nodes.get(id)?.role;
    const all = [...next.nodes.values()];
    return {
      gained: ranges(next, (slot, id) => owner(next, slot) === id && owner(previous, slot) !== id),
      lost: ranges(previous, (slot, id) => owner(previous, slot) === id && owner(next, slot) !== id),
      importing: ranges(
        next,
        (slot, id) => next.nodes.get(id)!.importing.has(slot) && previous.nodes.get(id)?.importing.has(slot) !== true
      ),
      joined: all.filter(({ id }) => roleIn(previous, id) === undefined),
      left: [...previous.nodes.values()].filter(({ id }) => roleIn(next, id) === undefined),
      promoted: all.filter(({ id }) => roleIn(previous, id) === 'replica' && roleIn(next, id) === 'primary'),
      demoted: all.filter(({ id }) => roleIn(previous, id) === 'primary' && roleIn(next, id) === 'replica')
    };
  }

  it('is what looking at every primary and slot finds', () => {
    fc.assert(
      fc.property(topologies, topologies, (previous, next) =>
        assert.deepEqual(diffTopology(previous, next), model(previous, next))
      ),
      { numRuns: 100 }
    );
  });

  it('makes the owners before into the owners now, and is undone by the way back', () => {
    fc.assert(
      fc.property(topologies, topologies, (previous, next) => {
        const owners = Array.from(previous.owners, (_, slot) => owner(previous, slot));
        const { gained, lost } = diffTopology(previous, next);
        each(lost, (id, slot) => {
          assert.equal(owners[slot], id);
          owners[slot] = undefined;
        });
        each(gained, (id, slot) => {
          assert.equal(owners[slot], undefined);
          owners[slot] = id;
        });
        owners.forEach((id, slot) => assert.equal(id, owner(next, slot)));
        const back = diffTopology(next, previous);
        assert.deepEqual([back.gained, back.lost], [lost, gained]);
      }),
      { numRuns: 100 }
    );
  });

  function each(ranges: ReadonlyMap<string, SlotRanges>, visit: (id: string, slot: number) => void): void {
    for (const [id, list] of ranges) {
      for (const [from, to] of list) for (let slot = from; slot <= to; slot++) visit(id, slot);
    }
  }
});
