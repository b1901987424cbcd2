import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  ALL_SLOTS,
  SLOT_COUNT,
  countSlots,
  inRanges,
  joinRanges,
  rangesByOwner,
  rangesWhere,
  subtractRanges,
  type SlotRange,
  type SlotRanges
} from './slot-ranges';

/** Near each other, so that they touch and overlap, and sometimes at the very ends. */
const slot = fc.oneof(
  fc.nat({ max: 40 }),
  fc.nat({ max: SLOT_COUNT - 1 }),
  fc.integer({ min: SLOT_COUNT - 5, max: SLOT_COUNT - 1 })
);
const range = fc.tuple(slot, slot).map(([a, b]): SlotRange => [Math.min(a, b), Math.max(a, b)]);
const anyRanges = fc.array(range, { maxLength: 8 });

/** The model: a slot is in or it is not. */
function slotsOf(ranges: readonly SlotRange[]): Set<number> {
  const slots = new Set<number>();
  for (const [from, to] of ranges) for (let at = from; at <= to; at++) slots.add(at);
  return slots;
}

function assertRanges(ranges: SlotRanges, slots: ReadonlySet<number>): void {
  assert.deepEqual(slotsOf(ranges), slots);
  ranges.forEach(([from, to], index) => {
    assert.ok(from <= to);
    if (index) assert.ok(ranges[index - 1][1] + 1 < from, `${ranges.join(' ')} is not joined`);
  });
}

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
    assert.equal(inRanges([], 0), false);
  });

  it('holds exactly the slots that it was made of', () => {
    fc.assert(
      fc.property(fc.uniqueArray(slot, { maxLength: 40 }), slots => {
        const wanted = new Set(slots);
        const ranges = rangesWhere(slot => wanted.has(slot));
        assertRanges(ranges, wanted);
        assert.equal(countSlots(ranges), slots.length);
        for (const at of slots) {
          for (const near of [at - 1, at, at + 1]) assert.equal(inRanges(ranges, near), wanted.has(near));
        }
      }),
      { numRuns: 100 }
    );
  });

  it('joins ranges in any order, however they overlap', () => {
    fc.assert(
      fc.property(anyRanges, ranges => {
        assertRanges(joinRanges(ranges), slotsOf(ranges));
        assert.deepEqual(joinRanges([...ranges].reverse()), joinRanges(ranges));
      }),
      { numRuns: 100 }
    );
  });

  it('takes away what others have, and nothing else', () => {
    fc.assert(
      fc.property(anyRanges, anyRanges, (a, b) => {
        const taken = slotsOf(b);
        const rest = new Set([...slotsOf(a)].filter(at => !taken.has(at)));
        assertRanges(subtractRanges(joinRanges(a), joinRanges(b)), rest);
      }),
      { numRuns: 100 }
    );
  });

  it('gives each owner what it alone would be given', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1, max: 3 }), { maxLength: 60 }), owners => {
        rangesByOwner(owners, 4).forEach((ranges, owner) => {
          assert.deepEqual(
            ranges,
            rangesWhere(at => owners[at] === owner)
          );
        });
      })
    );
  });

  it('looks at each slot once, however many owners there are', () => {
    for (const count of [1, 1_000]) {
      let looks = 0;
      const owners = new Proxy(new Int16Array(SLOT_COUNT).fill(count - 1), {
        get(target, property) {
          if (property !== 'length') looks++;
          return Reflect.get(target, property) as unknown;
        }
      });
      assert.deepEqual(rangesByOwner(owners, count)[count - 1], ALL_SLOTS);
      assert.equal(looks, SLOT_COUNT);
    }
  });
});
