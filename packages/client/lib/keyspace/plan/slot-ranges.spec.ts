import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ALL_SLOTS, countSlots, inRanges, rangesWhere, SLOT_COUNT } from './slot-ranges';

describe('slot ranges', () => {
  it('joins adjacent slots, and keeps single ones', () => {
    const slots = new Set([0, 1, 2, 7, 16_382, 16_383]);
    assert.deepEqual(
      rangesWhere(slot => slots.has(slot)),
      [
        [0, 2],
        [7, 7],
        [16_382, 16_383]
      ]
    );
  });

  it('covers everything with one range, and nothing with none', () => {
    assert.deepEqual(
      rangesWhere(() => true),
      ALL_SLOTS
    );
    assert.deepEqual(
      rangesWhere(() => false),
      []
    );
    assert.equal(countSlots(ALL_SLOTS), SLOT_COUNT);
    assert.equal(countSlots([]), 0);
  });

  it('holds exactly the slots that it was made of', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat({ max: SLOT_COUNT - 1 }), { maxLength: 40 }), slots => {
        const ranges = rangesWhere(slot => slots.includes(slot));
        assert.equal(countSlots(ranges), slots.length);
        for (const slot of slots) {
          assert.ok(inRanges(ranges, slot));
          assert.equal(inRanges(ranges, slot + 1), slots.includes(slot + 1));
        }
      }),
      { numRuns: 30 }
    );
  });
});
