import assert from 'node:assert/strict';
import { Ledger } from './ledger';

const SET = { events: ['set'], acknowledged: true };

describe('a ledger', () => {
  it('goes to another in parts, with the writes of each key in their order', () => {
    const [from, to] = [new Ledger(), new Ledger()];
    const send = () => {
      const parts = [from.take(2), from.take(2), from.take(2)];
      assert.deepEqual(
        parts.map(({ histories }) => histories.length),
        [2, 1, 0]
      );
      for (const part of parts) to.merge(part);
    };
    for (const key of ['a', 'b', 'c']) from.write({ ...SET, key, sentAt: 1, answeredAt: 2 });
    from.write({ key: 'a', events: ['del'], sentAt: 3, answeredAt: 4, acknowledged: false });
    from.refused = 5;
    send();
    for (const key of ['a', 'b', 'c']) {
      from.write({ ...SET, key, sentAt: 5, answeredAt: 6, later: { event: 'expired', after: 100 } });
    }
    send();
    assert.deepEqual([to.acknowledged, to.unknown, to.refused, to.lastDue], [6, 1, 5, 105]);
    assert.deepEqual([from.acknowledged, from.unknown, from.refused, from.histories.length], [0, 0, 0, 0]);
    assert.deepEqual(
      to.histories.map(({ key, expected }) => [key, ...expected.map(({ event, sentAt }) => `${event} ${sentAt}`)]),
      [
        ['a', 'set 1', 'del 3', 'set 5', 'expired 105'],
        ['b', 'set 1', 'set 5', 'expired 105'],
        ['c', 'set 1', 'set 5', 'expired 105']
      ]
    );
  });

  it('knows when a slot was last written, also of what came from another', () => {
    const [from, to] = [new Ledger(), new Ledger()];
    from.write({ ...SET, key: 'a', sentAt: 10, answeredAt: 11, later: { event: 'expired', after: 100 } });
    const [{ slot }] = from.histories;
    to.merge(from.take(1));
    for (const ledger of [from, to]) {
      assert.equal(ledger.hasWrittenSince(9, [[slot, slot]]), true);
      assert.equal(ledger.hasWrittenSince(10, [[slot, slot]]), false);
      assert.equal(ledger.hasWrittenSince(9, [[slot + 1, slot + 1]]), false);
    }
  });
});
