import assert from 'node:assert/strict';
import { Rates } from './rates';
import { rateTable } from './rate-table';
import { styleOf } from '../style';

function heard(key: string, event = 'set', node = 'a:1') {
  return { kind: 'keyspace', event, key: Buffer.from(key), database: 0, subkeys: [], node } as const;
}

describe('Rates', () => {
  it('counts by node, event and prefix, since the last report and in all', () => {
    const rates = new Rates(0);
    rates.add(heard('user:1'));
    rates.add(heard('user:2', 'del'));
    rates.add(heard('plain', 'set', 'b:1'));
    const first = rates.report(2_000);
    assert.deepEqual([first.seconds, first.total, first.perSecond], [2, 3, 1.5]);
    assert.deepEqual(first.nodes, [
      { name: 'a:1', perSecond: 1, total: 2 },
      { name: 'b:1', perSecond: 0.5, total: 1 }
    ]);
    assert.deepEqual(
      first.prefixes.map(({ name, total }) => [name, total]),
      [
        ['user:', 2],
        ['(none)', 1]
      ]
    );
    rates.add(heard('user:3'));
    const second = rates.report(3_000);
    assert.deepEqual([second.total, second.perSecond], [4, 1]);
    assert.deepEqual(
      second.events.map(({ name, perSecond, total }) => [name, perSecond, total]),
      [
        ['set', 1, 3],
        ['del', 0, 1]
      ]
    );
  });

  it('stays bounded, however many prefixes there are', () => {
    const rates = new Rates(0);
    for (let index = 0; index < 10_500; index++) rates.add(heard(`${index}:`));
    const { prefixes, total } = rates.report(1_000);
    assert.equal(prefixes.length, 10_001);
    assert.deepEqual(prefixes[0], { name: '(others)', perSecond: 500, total: 500 });
    assert.equal(total, 10_500);
  });
});

describe('rateTable', () => {
  const rates = new Rates(0);
  for (let index = 0; index < 40; index++) rates.add(heard(`${index}\u001b[31m:`, `event${index % 15}`));
  const report = rates.report(1_000);

  it('fits the height, adds up what does not, and shows nothing that a terminal would obey', () => {
    for (const height of [13, 16, 24, 60]) {
      const lines = rateTable(report, height, styleOf(false));
      assert.ok(lines.length <= height, `${lines.length} of ${height}`);
      assert.match(lines.join('\n'), /\d+ more +[\d.]+ +\d+/);
      assert.ok(!lines.join().includes('\u001b'));
    }
  });

  it('adds up to what was heard in every part', () => {
    const parts = rateTable(report, 20, styleOf(false)).join('\n').split('\n\n').slice(1);
    assert.equal(parts.length, 3);
    for (const part of parts) {
      const totals = part
        .split('\n')
        .slice(1)
        .map(line => Number(line.split(/ +/).at(-1)));
      assert.equal(
        totals.reduce((sum, total) => sum + total, 0),
        40
      );
    }
  });
});
