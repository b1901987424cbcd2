import assert from 'node:assert/strict';
import { KeyspaceArgumentError } from '../errors';
import { parseRescan } from './rescan-call';

describe('parseRescan', () => {
  it('fills in what is left out, and joins the ranges', () => {
    assert.deepEqual(parseRescan({ slots: [] }, undefined), { slots: [], count: 1_000, abortSignal: undefined });
    const { signal } = new AbortController();
    const slots = [
      [7, 9],
      [0, 3],
      [3, 6]
    ];
    assert.deepEqual(parseRescan({ slots }, { count: 5, abortSignal: signal }), {
      slots: [[0, 9]],
      count: 5,
      abortSignal: signal
    });
  });

  const CASES: [unknown, unknown, string][] = [
    [null, undefined, 'gap'],
    [{ slots: 'all' }, undefined, 'gap'],
    [{ slots: [[1]] }, undefined, 'gap'],
    [{ slots: [[1, 0]] }, undefined, 'gap'],
    [{ slots: [[-1, 0]] }, undefined, 'gap'],
    [{ slots: [[0, 16_384]] }, undefined, 'gap'],
    [{ slots: [[0.5, 1]] }, undefined, 'gap'],
    [{ slots: [] }, null, 'options'],
    [{ slots: [] }, { counts: 1 }, 'options'],
    [{ slots: [] }, { count: 0 }, 'count'],
    [{ slots: [] }, { count: '7' }, 'count'],
    [{ slots: [] }, { abortSignal: 7 }, 'abortSignal']
  ];
  for (const [gap, options, argument] of CASES) {
    it(`refuses ${JSON.stringify(gap)} with ${JSON.stringify(options)} and names ${argument}`, () => {
      assert.throws(
        () => parseRescan(gap, options),
        (error: KeyspaceArgumentError) => error instanceof KeyspaceArgumentError && error.argument === argument
      );
    });
  }
});
