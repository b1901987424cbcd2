import assert from 'node:assert/strict';
import { check, type StormResult } from '@redis-keyspace/test-utils';
import { Table } from './table';

describe('the table of the soak', () => {
  it('adds the rounds up, a row for each listener', () => {
    const result = (name: string, lost: number): StormResult => {
      const verdict = check({ histories: [], heard: [] });
      const summary = { ...verdict.summary, acknowledged: 1_000, lost };
      return { name, report: '', outages: [], verdict: { ...verdict, summary } };
    };
    const table = new Table();
    for (const lost of [1, 2]) {
      table.add({
        ours: [result('ours', 0)],
        peers: [result('theirs', lost)],
        writes: { acknowledged: 0, unknown: 0, refused: 0 },
        errors: []
      });
    }
    assert.deepEqual(String(table).split('\n').slice(2), [
      '| ours | 2,000 | 0 | 0 | 0 | 0 | 0 | 0 |',
      '| theirs | 2,000 | 3 | 0 | 0 | 0 | 0 | 0 |'
    ]);
  });
});
