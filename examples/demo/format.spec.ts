import assert from 'node:assert/strict';
import { gapLine, printable, recoveredLine, slotList, tableLines } from './format';
import { Tally } from './tally';

const GAP = {
  reason: 'failover',
  node: 'a:1',
  slots: [[0, 5]],
  since: new Date(0),
  until: undefined,
  dropped: undefined
} as const;

describe('format', () => {
  it('shows what a terminal would obey escaped', () => {
    assert.equal(printable('a\u001b[31m\n\u009b\u007fü'), 'a\\u001b[31m\\n\\u009b\\u007fü');
  });

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

  it('tells reason, node, slots and duration of a gap', () => {
    assert.match(gapLine(GAP), /failover: a:1, slots 0-5: notifications may be missing since/);
    assert.match(recoveredLine({ ...GAP, until: new Date(2_345) }), /failover: a:1, slots 0-5: in doubt for 2.3 s/);
  });

  it('adds up the events that have no room, and never exceeds the width', () => {
    const tally = new Tally();
    for (const event of ['set', 'del', 'hset', 'expire', 'expired', 'lpush', 'sadd']) {
      tally.add('127.0.0.1:7000', event);
      tally.add('127.0.0.1:7001', event);
    }
    tally.add('127.0.0.1:7000', 'set');
    const lines = tableLines(tally, 80);
    assert.ok(lines.every(line => line.length < 80));
    assert.deepEqual(
      lines[0].split(/ +/),
      ['node', 'set', 'del', 'hset', 'expire', 'others', 'all'].slice(0, lines[0].split(/ +/).length)
    );
    assert.deepEqual(lines[1].split(/ +/), ['127.0.0.1:7000', '2', '1', '1', '1', '3', '8']);
    assert.equal(tableLines(tally, 200)[0].split(/ +/).length, 9);
  });
});
