import assert from 'node:assert/strict';
import { align } from './alignment';

/** 'a b? c! d' at the times 0, 10, 20, 30: b need not be heard, c lies in a gap. */
function wanted(words: string) {
  return words.split(' ').map((word, index) => ({
    text: word.replace(/[?!]/, ''),
    sure: !word.endsWith('?'),
    inGap: word.endsWith('!'),
    from: index * 10,
    to: index * 10 + 2
  }));
}

/** 'a@1 c@21!': the latter lies in a gap. */
function said(words: string) {
  return words
    .split(' ')
    .filter(Boolean)
    .map(word => {
      const [text, at] = word.split('@');
      return { text, at: Number.parseInt(at), inGap: at.endsWith('!') };
    });
}

describe('align', () => {
  const cases: [title: string, wanted: string, said: string, pairs: [number, number][]][] = [
    [
      'pairs what is alike',
      'a b',
      'a@1 b@11',
      [
        [0, 0],
        [1, 1]
      ]
    ],
    [
      'leaves out what was not said',
      'a b c',
      'a@1 c@21',
      [
        [0, 0],
        [2, 1]
      ]
    ],
    [
      'leaves out what was not wanted',
      'a b',
      'a@1 x@5 b@11',
      [
        [0, 0],
        [1, 2]
      ]
    ],
    [
      'leaves out what lies in a gap rather than what does not, however late that was said',
      'a a!',
      'a@90000',
      [[0, 0]]
    ],
    ['leaves out what was said in a gap rather than what was not, though that came later', 'a', 'a@1! a@5', [[0, 1]]],
    [
      'pairs what lies in a gap as well',
      'a b!',
      'a@1 b@90000',
      [
        [0, 0],
        [1, 1]
      ]
    ],
    [
      'leaves out what was said twice',
      'a b',
      'a@1 b@11 b@12',
      [
        [0, 0],
        [1, 1]
      ]
    ],
    ['pairs nothing with silence', 'a b', '', []],
    [
      'knows by the time which of several alike is missing',
      'a a a a',
      'a@1 a@31',
      [
        [0, 0],
        [3, 1]
      ]
    ],
    ['never pairs with what was written later', 'x a', 'a@1', []],
    ['rather pairs what must be heard', 'a? a', 'a@11', [[1, 0]]],
    [
      'pairs what need not be heard, where it was',
      'a b?',
      'a@1 b@12',
      [
        [0, 0],
        [1, 1]
      ]
    ],
    [
      'pairs a whole series that was heard late',
      'a a b',
      'a@90 a@90 b@90',
      [
        [0, 0],
        [1, 1],
        [2, 2]
      ]
    ],
    [
      'keeps the longer of two orders',
      'a b c',
      'b@21 c@22 a@23',
      [
        [1, 0],
        [2, 1]
      ]
    ]
  ];
  for (const [title, want, say, pairs] of cases) {
    it(title, () => assert.deepEqual(align(wanted(want), said(say)), pairs));
  }
});
