import assert from 'node:assert/strict';
import fc from 'fast-check';
import { plan } from './planner';
import { Registry, type Want } from './registry';
import { inRanges, type SlotRanges } from './slot-ranges';
import { makeTopology, singleTopology, type Topology } from './topology';
import { diffTopology } from './topology-diff';

const SLOTS = 8;

/** Up to five primaries and a replica; each of the first slots is owned by one or nobody, some are on the move. */
const topologies = fc
  .record({
    count: fc.integer({ min: 1, max: 5 }),
    owners: fc.array(fc.integer({ min: -1, max: 4 }), { minLength: SLOTS, maxLength: SLOTS }),
    importing: fc.array(fc.tuple(fc.nat({ max: 4 }), fc.nat({ max: SLOTS - 1 })), { maxLength: 4 })
  })
  .map(({ count, owners, importing }): Topology => {
    const primaries = Array.from({ length: count }, (_, index) => ({
      id: `p${index}`,
      host: 'h',
      port: index,
      address: `h:${index}`,
      role: 'primary' as const,
      importing: new Set(importing.flatMap(([node, slot]) => (node === index ? [slot] : [])))
    }));
    const replica = { id: 'r', host: 'h', port: 9, address: 'h:9', role: 'replica' as const, primaryId: 'p0' };
    return makeTopology([...primaries, replica], slot => (slot < SLOTS ? `p${owners[slot]}` : 'p0'));
  });

const names = fc.array(fc.option(fc.nat({ max: SLOTS - 1 })), { maxLength: 10 });

function wantsOf(slots: readonly (number | null)[]): Want<string>[] {
  return new Registry<string>().add(
    's',
    slots.map((slot, index) => ({ bytes: Buffer.from(`${index}`), pattern: slot === null, slot: slot ?? undefined }))
  ).wants;
}

describe('plan', () => {
  it('wants every pattern and event at every primary, with slots or without', () => {
    fc.assert(
      fc.property(topologies, names, (topology, slots) => {
        const wants = wantsOf(slots);
        const planned = plan(topology, wants);
        assert.deepEqual(
          [...planned.keys()],
          topology.primaries.map(({ id }) => id)
        );
        for (const want of wants.filter(({ slot }) => slot === undefined)) {
          for (const set of planned.values()) assert.ok(set.has(want));
        }
      })
    );
  });

  it('wants an exact key at the owner of its slot and at those that import it, and nowhere else', () => {
    fc.assert(
      fc.property(topologies, names, (topology, slots) => {
        const wants = wantsOf(slots);
        const planned = plan(topology, wants);
        topology.primaries.forEach((primary, index) => {
          for (const want of wants) {
            if (want.slot === undefined) continue;
            const expected = topology.owners[want.slot] === index || primary.importing.has(want.slot);
            assert.equal(planned.get(primary.id)!.has(want), expected);
          }
        });
      })
    );
  });

  it('wants exactly what asking each primary about each want finds', () => {
    fc.assert(
      fc.property(topologies, names, (topology, slots) => {
        const wants = wantsOf(slots);
        const isWanted = (index: number, slot: number | undefined) =>
          slot === undefined ||
          topology.owners[slot] === index ||
          [...topology.primaries[index].importing].includes(slot);
        const model = topology.primaries.map(
          ({ id }, index) => [id, new Set(wants.filter(({ slot }) => isWanted(index, slot)))] as const
        );
        assert.deepEqual(plan(topology, wants), new Map(model));
      })
    );
  });

  it('changes for an exact key only where the difference of the topologies says so', () => {
    fc.assert(
      fc.property(topologies, topologies, names, (previous, next, slots) => {
        const wants = wantsOf(slots).filter(({ slot }) => slot !== undefined);
        const [before, after] = [plan(previous, wants), plan(next, wants)];
        const { gained, lost, importing } = diffTopology(previous, next);
        const has = (ranges: SlotRanges | undefined, { slot }: Want<string>) => inRanges(ranges ?? [], slot!);
        for (const [id, now] of after) {
          for (const want of now) {
            if (before.get(id)?.has(want)) continue;
            assert.ok(has(gained.get(id), want) || has(importing.get(id), want));
          }
        }
        for (const [id, then] of before) {
          for (const want of then) {
            if (after.get(id)?.has(want)) continue;
            assert.ok(has(lost.get(id), want) || previous.nodes.get(id)!.importing.has(want.slot!));
          }
        }
      })
    );
  });

  it('wants everything of the one server outside a cluster', () => {
    const wants = wantsOf([null, 5]);
    const planned = plan(singleTopology({ host: 'h', port: 1, address: 'h:1' }), wants);
    assert.deepEqual(
      [...planned].map(([id, set]) => [id, [...set]]),
      [['h:1', wants]]
    );
  });
});
