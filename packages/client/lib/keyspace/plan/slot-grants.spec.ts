import assert from 'node:assert/strict';
import fc from 'fast-check';
import { SlotGrants } from './slot-grants';
import { SLOT_COUNT } from './slot-ranges';

const slot = fc.oneof(fc.nat({ max: 30 }), fc.integer({ min: SLOT_COUNT - 10, max: SLOT_COUNT + 5 }));
const calls = fc.array(fc.record({ id: fc.constantFrom('a', 'b', 'c'), from: slot, length: fc.nat({ max: 12 }) }));

describe('slot grants', () => {
  it('give each slot once, to whoever comes first, and none that does not exist', () => {
    fc.assert(
      fc.property(calls, requests => {
        const grants = new SlotGrants();
        const model = new Map<number, string>();
        for (const { id, from, length } of requests) {
          const before = model.size;
          for (let at = from; at <= from + length && at < SLOT_COUNT; at++) if (!model.has(at)) model.set(at, id);
          assert.equal(grants.give(id, from, from + length), model.size - before);
        }
        assert.equal(grants.owners.length, SLOT_COUNT);
        grants.owners.forEach((owner, at) => assert.equal(owner, model.get(at)));
        assert.deepEqual(grants.winners, new Set(model.values()));
      }),
      { numRuns: 50 }
    );
  });

  it('are used up once every slot is given, however often all are asked for', () => {
    const grants = new SlotGrants();
    let given = 0;
    for (let at = 0; at < SLOT_COUNT; at += 2) given += grants.give('a', at, at);
    for (let time = 0; time < 1_000; time++) given += grants.give('b', 0, SLOT_COUNT - 1);
    assert.equal(given, SLOT_COUNT);
  });
});
