import assert from 'node:assert/strict';
import type { KeyspaceGap } from 'redis-keyspace';
import { Ledger } from './ledger';

const GAP: KeyspaceGap = {
  reason: 'disconnected',
  node: 'a:1',
  slots: [[0, 9]],
  since: new Date(100),
  until: undefined,
  dropped: undefined
};

function ledger() {
  return new Ledger(key => Number(/\d+/.exec(key)?.[0]));
}

describe('Ledger', () => {
  it('counts a write as heard, whichever comes first', () => {
    const book = ledger();
    book.wrote('set', 'key:1', 1, 2);
    book.heard({ event: 'set', key: 'key:1' });
    book.heard({ event: 'del', key: 'key:2' });
    book.wrote('del', 'key:2', 1, 2);
    const { written, heard, lostInGaps, lostOutside, repeated } = book.summary();
    assert.deepEqual([written, heard, lostInGaps, lostOutside, repeated], [2, 2, 0, 0, 0]);
  });

  it('takes a loss for told when the write and the gap share a moment and a slot', () => {
    const CASES: [slot: number, sentAt: number, acknowledgedAt: number, told: boolean][] = [
      [5, 120, 130, true],
      [5, 90, 100, true],
      [5, 200, 210, true],
      [5, 80, 99, false],
      [5, 201, 210, false],
      [10, 120, 130, false]
    ];
    for (const [slot, sentAt, acknowledgedAt, told] of CASES) {
      const book = ledger();
      book.gap(GAP);
      book.recovered({ ...GAP, until: new Date(200) });
      book.wrote('set', `key:${slot}`, sentAt, acknowledgedAt);
      const { lostInGaps, lostOutside, gaps } = book.summary();
      assert.deepEqual([lostInGaps, lostOutside, gaps.length], told ? [1, 0, 1] : [0, 1, 1]);
    }
  });

  it('takes a gap that is open for one without an end', () => {
    const book = ledger();
    book.gap(GAP);
    book.wrote('set', 'key:1', 10_000, 10_001);
    assert.equal(book.summary().lostInGaps, 1);
  });

  it('tells apart what came twice and what no write has caused', () => {
    const book = ledger();
    book.wrote('set', 'key:1', 1, 2);
    for (const event of ['set', 'set', 'expired', 'expired']) book.heard({ event, key: 'key:1' });
    const { repeated, others } = book.summary();
    assert.deepEqual([repeated, [...others]], [1, [['expired', 2]]]);
  });
});
