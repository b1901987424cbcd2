import assert from 'node:assert/strict';
import { Motions } from './motions';

const MINUTE = 60_000;

function make() {
  const clock = { now: 1_000 };
  return { clock, motions: new Motions<string>(() => clock.now) };
}

describe('motions', () => {
  it('begin once and go on until they end', () => {
    const { motions } = make();
    assert.equal(motions.goesOn(1), false);
    motions.begin(1, 'owner');
    assert.deepEqual(
      [1, 2].map(slot => [motions.goesOn(slot), motions.goesByKey(slot)]),
      [
        [true, true],
        [false, false]
      ]
    );
    assert.deepEqual(
      [motions.end(1), motions.end(1), motions.goesByKey(1), motions.goesOn(1)],
      [true, false, false, false]
    );
  });

  it('know where each slot comes from, and since when', () => {
    const { motions, clock } = make();
    motions.begin(1, 'owner');
    clock.now += 50;
    motions.begin(2, undefined);
    assert.deepEqual(
      [1, 2, 3].map(slot => motions.sourceOf(slot)),
      [{ owner: 'owner', since: 1_000 }, { owner: undefined, since: 1_050 }, undefined]
    );
  });

  it('are over when nobody has spoken of them for a minute', () => {
    const { motions, clock } = make();
    motions.begin(1, 'owner');
    clock.now += MINUTE;
    assert.equal(motions.goesOn(1), true);
    clock.now += MINUTE;
    assert.equal(motions.goesOn(1), true);
    clock.now += MINUTE + 1;
    assert.equal(motions.goesOn(1), false);
  });

  it('are forgotten then, when another one ends', () => {
    const { motions, clock } = make();
    motions.begin(1, 'owner');
    clock.now += MINUTE + 1;
    motions.begin(2, 'owner');
    assert.equal(motions.end(2), true);
    assert.deepEqual([motions.goesByKey(1), motions.end(1)], [false, false]);
  });

  it('begin anew from where the slot is by then', () => {
    const { motions, clock } = make();
    motions.begin(1, 'owner');
    clock.now += MINUTE + 1;
    motions.begin(1, 'another');
    assert.deepEqual([motions.sourceOf(1), motions.goesOn(1)], [{ owner: 'another', since: clock.now }, true]);
  });

  it('went at once when that is over before it is heard of, until another begins', () => {
    const { motions } = make();
    motions.begin(1, 'owner');
    motions.goAtOnce([1], true);
    assert.deepEqual([motions.goesAtOnce(1), motions.goesByKey(1)], [true, true]);
    motions.end(1);
    assert.equal(motions.goesAtOnce(1), true);
    motions.begin(1, 'owner');
    assert.deepEqual([motions.goesAtOnce(1), motions.goesByKey(1)], [false, true]);
  });

  it('go by key unless they go at once', () => {
    const { motions, clock } = make();
    motions.goAtOnce([1, 2]);
    for (const slot of [1, 3]) motions.begin(slot, 'owner');
    assert.deepEqual(
      [1, 2, 3].map(slot => motions.goesByKey(slot)),
      [false, false, true]
    );
    motions.end(1);
    motions.begin(1, 'owner');
    motions.begin(2, 'owner');
    assert.deepEqual(
      [1, 2].map(slot => motions.goesByKey(slot)),
      [true, false]
    );
    clock.now += MINUTE + 1;
    assert.equal(motions.goesByKey(2), true);
  });

  it('went at once when the last of them did, until another begins', () => {
    const { motions, clock } = make();
    motions.goAtOnce([1, 2]);
    for (const slot of [1, 2]) motions.begin(slot, 'owner');
    motions.end(1);
    const known = () => [1, 2, 3].map(slot => motions.goesAtOnce(slot));
    assert.deepEqual(known(), [true, true, false]);
    motions.begin(1, 'owner');
    assert.deepEqual(known(), [false, true, false]);
    clock.now += MINUTE + 1;
    assert.deepEqual(known(), [false, false, false]);
  });

  it('go by key again when one that went at once was given up', () => {
    const { motions } = make();
    motions.goAtOnce([1]);
    motions.begin(1, 'owner');
    motions.stay([1]);
    assert.deepEqual([motions.goesAtOnce(1), motions.goesOn(1), motions.goesByKey(1)], [true, false, false]);
    motions.begin(1, 'owner');
    assert.deepEqual([motions.goesAtOnce(1), motions.goesByKey(1)], [false, true]);
  });

  it('are all forgotten when cleared', () => {
    const { motions } = make();
    motions.begin(1, 'owner');
    motions.clear();
    assert.deepEqual([motions.goesByKey(1), motions.sourceOf(1)], [false, undefined]);
  });
});
