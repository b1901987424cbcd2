import assert from 'node:assert/strict';
import calculateSlot from 'cluster-key-slot';
import { canaryOf } from './canary';

describe('canaryOf', () => {
  it('names a channel of each slot, always the same', () => {
    for (let slot = 0; slot < 16_384; slot += 7) {
      assert.equal(calculateSlot(canaryOf(slot)), slot);
      assert.equal(canaryOf(slot), canaryOf(slot));
    }
  });
});
