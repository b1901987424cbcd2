import assert from 'node:assert/strict';
import { Histogram } from './histogram';

function histogramOf(...delays: number[]): Histogram {
  const histogram = new Histogram();
  for (const delay of delays) histogram.add(delay);
  return histogram;
}

describe('the histogram of the observable example', () => {
  const CASES: [delays: number[], drawn: string][] = [
    [[], '        '],
    [[0, 1], '█       '],
    [[1, 2, 2, 3], '▄█▄     '],
    [[100, 101], '      ██'],
    [[1, ...Array.from({ length: 100 }, () => 7)], '▁  █    ']
  ];
  for (const [delays, drawn] of CASES) {
    it(`draws ${delays.slice(0, 4).join(', ') || 'nothing'} as "${drawn}"`, () => {
      assert.equal(String(histogramOf(...delays)), drawn);
    });
  }

  it('knows the quantiles', () => {
    const histogram = histogramOf(9, 1, 8, 2, 7, 3, 6, 4, 5, 10);
    assert.deepEqual(
      [0, 0.5, 0.95, 1].map(share => histogram.quantile(share)),
      [1, 5, 10, 10]
    );
    assert.equal(histogramOf().quantile(0.5), undefined);
  });
});
