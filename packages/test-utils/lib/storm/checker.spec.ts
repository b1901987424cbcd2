import assert from 'node:assert/strict';
import { slotOf } from '../cluster/slot-key';
import { check, type CheckInput } from './checker';
import type { Heard, ToldGap } from './hearing';
import { Ledger, type WriteRecord } from './ledger';

const KEY = 'key';
const SLOT = slotOf(KEY);
const NODE = '127.0.0.1:7000';

/** Writes of one key, 10 ms apart: '?' marks one without an answer. */
function ledgerOf(events: string, extra: Partial<WriteRecord> = {}): Ledger {
  const ledger = new Ledger();
  for (const [index, word] of events.split(' ').entries()) {
    ledger.write({
      key: KEY,
      events: [word.replace('?', '')],
      sentAt: index * 10,
      answeredAt: index * 10 + 2,
      acknowledged: !word.endsWith('?'),
      ...extra
    });
  }
  return ledger;
}

/** What was heard of the key, each event at 10 ms after the one before. */
function heardOf(events: string, key = KEY): Heard[] {
  const words = events.split(' ').filter(Boolean);
  return words.map((word, index) => {
    const [event, at = index * 10 + 1] = word.split('@');
    return { event, key, database: 0, node: NODE, at: Number(at) };
  });
}

function gap(since: number, until: number | undefined, slots: ToldGap['slots'] = [[SLOT, SLOT]]): ToldGap {
  return {
    reason: 'disconnected',
    node: NODE,
    slots,
    since: new Date(since),
    until: until === undefined ? undefined : new Date(until)
  };
}

function found(input: CheckInput): string[] {
  return check(input).findings.map(({ kind, event, gap: cover }) => `${kind} ${event}${cover ? ' in a gap' : ''}`);
}

describe('the checker of storms', () => {
  const cases: [title: string, written: string, heard: string, findings: string[]][] = [
    ['finds nothing when all was heard, once and in order', 'set append set', 'set append set', []],
    ['names what was lost', 'set append set', 'set set@21', ['lost append']],
    ['names what was repeated', 'set append', 'set append append@12', ['repeated append']],
    ['names what was invented', 'set', 'set restore', ['invented restore']],
    ['names what is out of order', 'set append incrby', 'append@11 set@12 incrby@21', ['misordered set']],
    ['names each of several', 'set append', 'del@1 del@2', ['invented del', 'invented del', 'lost set', 'lost append']],
    ["takes a replica's word for a loss and an invention", 'set expired', 'set del', ['invented del', 'lost expired']],
    ['lets a write without an answer be heard', 'set append?', 'set append', []],
    ['lets a write without an answer not be heard', 'set append?', 'set', []],
    ['lets a write without an answer be heard once only', 'append?', 'append append@5', ['repeated append']],
    ['lets a write without an answer come late', 'set append? set', 'set set@21 append@30', []]
  ];
  for (const [title, written, heard, findings] of cases) {
    it(title, () => {
      assert.deepEqual(found({ histories: ledgerOf(written).histories, heard: heardOf(heard) }), findings);
    });
  }

  const gaps: [title: string, gap: ToldGap, isCovered: boolean][] = [
    ['by slot and time', gap(5, 15), true],
    ['that has not been closed', gap(5, undefined), true],
    ['of all slots', gap(5, 15, []), true],
    ['that ends in the same millisecond', gap(0, 10), true],
    ['of another slot', gap(5, 15, [[SLOT + 1, SLOT + 1]]), false],
    ['that was over before', gap(0, 9), false],
    ['that began after', gap(13, 20), false]
  ];
  for (const [title, told, isCovered] of gaps) {
    it(`says that a gap ${title} ${isCovered ? 'covers' : 'does not cover'} a loss`, () => {
      const { histories } = ledgerOf('set append set');
      const heard = heardOf('set set@21');
      assert.deepEqual(found({ histories, heard, gaps: [told] }), [`lost append${isCovered ? ' in a gap' : ''}`]);
    });
  }

  it('says what nobody wrote was invented, with its slot and who said it', () => {
    const [finding] = check({ histories: [], heard: heardOf('set', 'other') }).findings;
    const { kind, key, slot, node, at } = finding;
    assert.deepEqual(
      { kind, key, slot, node, at },
      { kind: 'invented', key: 'other', slot: slotOf('other'), node: NODE, at: 1 }
    );
  });

  it('tells keys of different databases apart', () => {
    const ledger = ledgerOf('set');
    ledger.write({ key: KEY, database: 3, events: ['set'], sentAt: 0, answeredAt: 1, acknowledged: true });
    const heard = [...heardOf('set'), { event: 'set', key: KEY, database: 2, node: NODE, at: 1 }];
    assert.deepEqual(found({ histories: ledger.histories, heard }), ['lost set', 'invented set']);
  });

  it('asks of a listener only what it wants', () => {
    const { histories } = ledgerOf('set append set');
    assert.deepEqual(found({ histories, heard: heardOf('append@11'), wants: event => event === 'append' }), []);
  });

  it('expects a key to expire when its time has come, not when it was written', () => {
    const { histories } = ledgerOf('set', { later: { event: 'expired', after: 100 } });
    assert.deepEqual(found({ histories, heard: heardOf('set expired@130') }), []);
    assert.deepEqual(found({ histories, heard: heardOf('set expired@50 del@60') }), [
      'misordered expired',
      'invented del'
    ]);
    assert.deepEqual(found({ histories, heard: heardOf('set'), gaps: [gap(90, 110)] }), ['lost expired in a gap']);
  });

  it('does not insist on the expiry of a key that a doubt has reached', () => {
    const ledger = ledgerOf('set append', { later: { event: 'expired', after: 100 } });
    ledger.doubts.push({ name: 'FLUSHALL', since: 50, until: 60, slots: [], reach: 'expiry' });
    const { histories, doubts } = ledger;
    assert.deepEqual(found({ histories, doubts, heard: heardOf('set append@11') }), []);
    assert.deepEqual(found({ histories, doubts, heard: [] }), ['lost set', 'lost append']);
  });

  it('does not insist on writes that a doubt of writes has reached', () => {
    const { histories } = ledgerOf('set append');
    const doubt = {
      name: 'a node wakes',
      since: 5,
      until: 15,
      slots: [[SLOT, SLOT]] as const,
      reach: 'writes' as const
    };
    assert.deepEqual(found({ histories, doubts: [doubt], heard: heardOf('set') }), []);
    assert.deepEqual(found({ histories, doubts: [doubt], heard: heardOf('append@11') }), ['lost set']);
    const elsewhere = { ...doubt, slots: [[SLOT + 1, SLOT + 1]] as const };
    assert.deepEqual(found({ histories, doubts: [elsewhere], heard: heardOf('set') }), ['lost append']);
  });

  it('tells who said what was not heard', () => {
    const said = (node: string) => ({ event: 'set', key: KEY, database: 0, node, at: 1 });
    const witness = [said('a:1'), said('b:1'), said('a:1'), { ...said('c:1'), event: 'del' }];
    const { histories } = ledgerOf('set append');
    const { findings } = check({ histories, heard: [], witness });
    assert.deepEqual(
      findings.map(({ saidBy }) => saidBy),
      [['a:1', 'b:1'], []]
    );
  });

  it('sums up', () => {
    const { histories } = ledgerOf('set append incrby set');
    const heard = [...heardOf('set append@11 append@12 del@13 set@31')];
    const { summary } = check({ histories, heard, gaps: [gap(20, 25), gap(100, undefined)] });
    assert.deepEqual(summary, {
      acknowledged: 4,
      heard: 5,
      lost: 1,
      repeated: 1,
      invented: 1,
      misordered: 0,
      coveredByGap: 1,
      gaps: 2,
      unclosedGaps: 1
    });
  });
});
