import assert from 'node:assert/strict';
import { keyInSlot } from '../cluster/slot-key';
import type { ToldGap } from './hearing';
import { Ledger } from './ledger';
import { formatOutage, measureOutages, type Outage } from './outage';

describe('an outage', () => {
  const ledger = new Ledger();
  for (const [slot, sentAt] of [
    [5, 900],
    [5, 1_400],
    [5, 1_500],
    [50, 1_010]
  ]) {
    const key = keyInSlot(slot, `${sentAt}`);
    ledger.write({ key, events: ['set'], sentAt, answeredAt: sentAt + 20, acknowledged: sentAt !== 1_400 });
  }
  const kill: Outage = { name: 'a kill', since: 1_000, cutBy: 1_000, until: undefined, slots: [[0, 9]] };
  const gap = (since: number, until?: number, slots: ToldGap['slots'] = [[0, 9]]): ToldGap => ({
    reason: 'disconnected',
    node: '127.0.0.1:7000',
    slots,
    since: new Date(since),
    until: until === undefined ? undefined : new Date(until)
  });

  const cases: [title: string, gaps: ToldGap[], early: number | undefined, late: number | undefined][] = [
    ['ends with the first write that is acknowledged again', [gap(800, 1_600)], 200, 80],
    ['may be over for the listener before', [gap(1_000, 1_490)], 0, -30],
    ['has several gaps', [gap(900, 1_100), gap(1_200, 1_700)], 100, 180],
    ['has an open gap', [gap(900, 1_100), gap(1_200)], 100, undefined],
    ['was not told by a gap of other slots', [gap(900, 1_600, [[10, 99]])], undefined, undefined],
    ['was not told by a gap that was over', [gap(100, 999)], undefined, undefined]
  ];
  for (const [title, gaps, early, late] of cases) {
    it(title, () => {
      assert.deepEqual(measureOutages([kill], ledger.histories, gaps), [{ name: 'a kill', lasted: 520, early, late }]);
    });
  }

  it('is not over with what was written while it began', () => {
    const [{ lasted, early, late }] = measureOutages([{ ...kill, since: 890, cutBy: 1_000 }], ledger.histories, [
      gap(800, 1_600)
    ]);
    assert.deepEqual({ lasted, early, late }, { lasted: 630, early: 90, late: 80 });
  });

  it('is told in words', () => {
    const [report] = measureOutages([{ ...kill, until: 1_100 }], ledger.histories, [gap(990)]);
    assert.equal(formatOutage(report), 'outage by a kill: 100 ms; its gap begins 10 ms before and is open');
    assert.match(formatOutage({ ...report, early: undefined }), /no gap was told of it$/);
  });
});
