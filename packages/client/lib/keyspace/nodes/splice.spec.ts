import assert from 'node:assert/strict';
import fc from 'fast-check';
import { splice, type Splice } from './splice';

const numbers = (text: string) => [...text].map(letter => letter.charCodeAt(0));
/** What one said, in order, and what the other says. */
const of = (said: string, other: string) => splice(numbers(said).reverse(), numbers(other));

/** As `splice`, by looking at every place. */
function slowly(said: readonly number[], prints: readonly number[]): Splice {
  let longest = 0;
  let ends: number[] = [];
  for (let end = 1; end <= prints.length; end++) {
    let length = 0;
    while (length < Math.min(end, said.length) && prints[end - 1 - length] === said[length]) length++;
    if (length > longest) [longest, ends] = [length, []];
    if (length === longest && length) ends.push(end);
  }
  return { ends, length: longest, keys: new Set(said.slice(0, longest)).size };
}

describe('splice', () => {
  const CASES: readonly (readonly [title: string, said: string, other: string, ends: number[], alike: string])[] = [
    ['ends where the other did', 'xabc', 'klabcde', [5], 'abc'],
    ['takes the longest, not the first', 'cab', 'abxcab', [6], 'cab'],
    ['tells all that are as long', 'xa', 'abaca', [1, 3, 5], 'a'],
    ['counts a key that comes twice once', 'abab', 'xabab', [5], 'abab'],
    ['sees what was heard from the first on', 'abc', 'bcd', [2], 'bc'],
    ['finds nothing where nothing is alike', 'abc', 'klm', [], ''],
    ['finds nothing of nothing', '', 'abc', [], ''],
    ['finds nothing in nothing', 'abc', '', [], '']
  ];
  for (const [title, said, other, ends, alike] of CASES) {
    it(`${title}: ${said || 'nothing'} in ${other || 'nothing'}`, () => {
      assert.deepEqual(of(said, other), { ends, length: alike.length, keys: new Set(alike).size });
    });
  }

  it('is what looking at every place gives', () => {
    const words = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 30 });
    fc.assert(
      fc.property(words, words, (said, prints) => assert.deepEqual(splice(said, prints), slowly(said, prints)))
    );
  });

  it('takes linear time where everything is the same', () => {
    const same = new Array<number>(100_000).fill(7);
    assert.deepEqual(splice(same.slice(0, 8_192), same).ends[0], 8_192);
  });
});
