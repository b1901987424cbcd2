import assert from 'node:assert/strict';
import { ambiguousWords } from './replica-words';

describe("a replica's words", () => {
  const before = { removedKeys: 3, removedFields: 5 };
  const CASES = [
    ['are certain but for SPOP when nothing was removed', before, before, ['srem']],
    ['may be for a key that was removed', before, { ...before, removedKeys: 4 }, ['srem', 'del']],
    ['may be for a field that was removed', before, { ...before, removedFields: 6 }, ['srem', 'hdel']],
    ['may be for either when nothing is known of before', undefined, before, ['srem', 'del', 'hdel']],
    [
      'may be for either when the counts were reset',
      before,
      { removedKeys: 0, removedFields: 0 },
      ['srem', 'del', 'hdel']
    ]
  ] as const;
  for (const [title, first, last, words] of CASES) {
    it(title, () => assert.deepEqual([...ambiguousWords(first, last)], words));
  }
});
