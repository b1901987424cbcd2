import assert from 'node:assert/strict';
import { slotList, summaryLines } from './format';

const GAP = {
  reason: 'failover',
  node: 'a:1',
  slots: [[0, 5]],
  since: new Date(0),
  until: undefined,
  dropped: undefined
} as const;

describe('format', () => {
  it('shortens a long list of slots', () => {
    assert.equal(slotList([]), 'all keys');
    assert.equal(slotList([[3, 3]]), 'slot 3');
    assert.equal(
      slotList([
        [1, 2],
        [4, 4],
        [6, 6],
        [8, 8],
        [10, 10]
      ]),
      'slots 1-2, 4, 6, 8, …'
    );
  });

  it('tells in the summary what was lost where, and each gap', () => {
    const lines = summaryLines({
      written: 1_234,
      heard: 1_230,
      others: new Map([['expired', 5]]),
      lostInGaps: 3,
      lostOutside: 1,
      repeated: 0,
      gaps: [GAP, { ...GAP, until: new Date(2_345) }]
    }).join('\n');
    assert.match(lines, /written +1,234 /);
    assert.match(lines, /besides, expired 5/);
    assert.match(lines, /lost +4 +3 inside a told gap, 1 outside/);
    assert.match(lines, /failover, a:1, slots 0-5, still open\n.*2\.3 s/);
  });
});
