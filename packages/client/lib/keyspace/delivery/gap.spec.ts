import assert from 'node:assert/strict';
import { GapLedger, type GapListener, type KeyspaceGap } from './gap';

function listener(name: string, log: string[]): GapListener {
  return {
    openGap: ({ reason, until, dropped }: KeyspaceGap) => log.push(`${name} ${reason} ${until?.getTime()} ${dropped}`),
    closeGap: ({ reason, until }: KeyspaceGap) => log.push(`${name} over ${reason} ${until!.getTime()}`)
  };
}

const gap = { reason: 'disconnected', node: 'h:1', slots: [[0, 9]], since: new Date(5) } as const;

describe('gap ledger', () => {
  it('tells those concerned of the gap and of its end, once each', () => {
    const log: string[] = [];
    const ledger = new GapLedger<GapListener>();
    const open = ledger.tell(gap, [listener('a', log), listener('b', log)])!;
    assert.equal(ledger.open.size, 1);
    ledger.recover(open, new Date(7));
    ledger.recover(open, new Date(8));
    assert.deepEqual(log, [
      'a disconnected undefined undefined',
      'b disconnected undefined undefined',
      'a over disconnected 7',
      'b over disconnected 7'
    ]);
    assert.deepEqual([ledger.open.size, ledger.total], [0, 1]);
  });

  it('knows no gap that concerns nobody', () => {
    const ledger = new GapLedger<GapListener>();
    assert.equal(ledger.tell(gap, []), undefined);
    assert.equal(ledger.total, 0);
  });

  it('tells a listener that is gone nothing more, and the others still', () => {
    const log: string[] = [];
    const ledger = new GapLedger<GapListener>();
    const [a, b] = [listener('a', log), listener('b', log)];
    const open = ledger.tell(gap, [a, b])!;
    ledger.forget(a);
    ledger.recover(open, new Date(7));
    assert.deepEqual(log.slice(2), ['b over disconnected 7']);
  });

  it('forgets a gap when the last who was told of it is gone', () => {
    const log: string[] = [];
    const ledger = new GapLedger<GapListener>();
    const a = listener('a', log);
    const open = ledger.tell(gap, [a])!;
    ledger.forget(a);
    assert.equal(ledger.open.size, 0);
    ledger.recover(open, new Date(7));
    assert.equal(log.length, 1);
  });

  it('forgets all gaps when cleared, but not how many there were', () => {
    const ledger = new GapLedger<GapListener>();
    ledger.tell(gap, [listener('a', [])]);
    ledger.clear();
    assert.deepEqual([ledger.open.size, ledger.total], [0, 1]);
  });
});
