import assert from 'node:assert/strict';
import { Random } from './random';

describe('Random', () => {
  const draw = (seed: number) => {
    const random = new Random(seed);
    return Array.from({ length: 200 }, () => random.integer(3, 6));
  };

  it('draws the same from the same seed, and something else from another', () => {
    assert.deepEqual(draw(7), draw(7));
    assert.notDeepEqual(draw(7), draw(8));
  });

  it('draws every number of the range and no other', () => {
    assert.deepEqual([...new Set(draw(1))].sort(), [3, 4, 5, 6]);
  });

  it('takes a sample without repeating, at most all', () => {
    const sample = new Random(1).sample(['a', 'b', 'c'], 5);
    assert.deepEqual(sample.sort(), ['a', 'b', 'c']);
    assert.equal(new Random(1).sample([1, 2, 3, 4], 2).length, 2);
  });

  it('never picks what has no weight', () => {
    const random = new Random(1);
    const picked = new Set(Array.from({ length: 200 }, () => random.weighted({ often: 9, never: 0, seldom: 1 })));
    assert.deepEqual([...picked].sort(), ['often', 'seldom']);
  });

  it('gives a fork that is not disturbed by what its origin draws later', () => {
    const [a, b] = [new Random(5), new Random(5)].map(random => random.fork());
    new Random(5).next();
    assert.equal(a.next(), b.next());
  });

  it('gives the seed of a fork instead, for another process', () => {
    assert.equal(new Random(new Random(5).seed()).next(), new Random(5).fork().next());
  });
});
