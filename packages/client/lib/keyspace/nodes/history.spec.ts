import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Message } from '../delivery/dispatcher';
import { parseNotification } from '../protocol';
import { History, importedPart, printOf } from './history';

function said(channel: string, payload = 'set'): Message {
  return { notification: parseNotification(Buffer.from(channel), Buffer.from(payload)) } as unknown as Message;
}
/** A `set` of each key. */
const sets = (keys: string) => [...keys].map(key => said(`__keyspace@0__:${key}`));
const print = (key: string) => printOf(said(`__keyspace@0__:${key}`));

describe('a print', () => {
  const KNOWN = '__keyspace@0__:k';
  const OTHERS: readonly (readonly [difference: string, channel: string])[] = [
    ['key', '__keyspace@0__:l'],
    ['length of the key', '__keyspace@0__:kk'],
    ['database', '__keyspace@1__:k']
  ];
  for (const [difference, channel] of OTHERS) {
    it(`differs by the ${difference}`, () => assert.notEqual(printOf(said(channel)), printOf(said(KNOWN))));
  }

  it('is the same for whatever happens to the key, since replicas call it by other names', () => {
    assert.equal(printOf(said(KNOWN, 'expired')), printOf(said(KNOWN, 'del')));
    assert.equal(printOf(said('__keyevent@0__:spop', 'k')), printOf(said('__keyevent@0__:srem', 'k')));
    assert.equal(printOf(said('__keyevent@0__:set', 'k')), printOf(said(KNOWN)));
  });

  it('is hardly ever shared by two keys', () => {
    const prints = new Set(Array.from({ length: 10_000 }, (_, index) => print(`key:${index}`)));
    assert.equal(prints.size, 10_000);
  });
});

describe('a history', () => {
  /** What is said, each as a slot and a key. */
  function historyOf(...entries: readonly (readonly [slot: number, key: string])[]): History {
    const history = new History();
    for (const [slot, key] of entries) history.add(slot, said(`__keyspace@0__:${key}`));
    return history;
  }

  it('goes backwards through what was said of some slots', () => {
    const history = historyOf([1, 'a'], [2, 'b'], [1, 'c'], [16_383, 'd']);
    assert.deepEqual([...history.backwards(new Set([1]))], [print('c'), print('a')]);
    assert.deepEqual([...history.backwards(new Set([1, 16_383]))], [print('d'), print('c'), print('a')]);
    assert.deepEqual([...history.backwards(new Set([3]))], []);
  });

  it('goes back to where it is told to', () => {
    const history = historyOf([1, 'a'], [1, 'b']);
    const since = history.count;
    assert.equal(since, 2);
    assert.deepEqual([...history.backwards(new Set([1]), since)], []);
    history.add(1, said('__keyspace@0__:c'));
    assert.deepEqual([...history.backwards(new Set([1]), since)], [print('c')]);
    assert.deepEqual([...history.backwards(new Set([1]), Infinity)], []);
  });

  it('remembers the last 8,192', () => {
    const all = Array.from({ length: 8_192 + 100 }, (_, index) => [1, `k${index}`] as const);
    const prints = [...historyOf(...all).backwards(new Set([1]))];
    assert.deepEqual([prints.length, prints[0], prints.at(-1)], [8_192, print('k8291'), print('k100')]);
  });
});

describe('the imported part', () => {
  /** What the former owner said, the last last. */
  const partOf = (former: string, messages: string, isRest = false) =>
    importedPart([...former].map(print).reverse(), sets(messages), isRest);

  const CASES: readonly (readonly [title: string, former: string, imported: string, own: string, isRest?: boolean])[] =
    [
      ['ends where the former owner does', 'xabc', 'abc', 'de'],
      ['ends there also when all was heard from the first on', 'abc', 'klmabc', ''],
      ['ends there though the data were written over afterwards', 'ab', 'kab', 'ka'],
      ['ends there with the last ones when only they are left', 'abc', 'bc', 'de', true],
      ['is nothing when one is left, which may be a new one of the same key', 'abc', '', 'cde', true],
      ['is all of an import of what nobody wrote to', 'xyz', 'klm', ''],
      ['is all of it when the former owner has said nothing', '', 'klm', ''],
      ['is all of it when only one is the same, which may be chance', 'xyk', 'klm', ''],
      ['is nothing when it has been heard before and nothing is left', 'xyz', '', 'klm', true],
      ['is nothing of nothing', 'abc', '', '']
    ];
  for (const [title, former, imported, own, isRest] of CASES) {
    it(`${title}: ${former} | ${imported} | ${own}`, () => {
      assert.equal(partOf(former, imported + own, isRest), imported.length);
    });
  }

  it('ends with the longest that is the same, not with the first', () => assert.equal(partOf('cab', 'abxcab'), 6));

  it('reads no more of what was said than it compares', () => {
    let read = 0;
    function* endless() {
      for (;;) yield read++;
    }
    importedPart(endless(), sets('abc'), true);
    assert.ok(read <= 4, String(read));
  });

  it('is found wherever it ends, as long as no key is written twice', () => {
    const keys = fc.uniqueArray(fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz'), { minLength: 3, maxLength: 26 });
    fc.assert(
      fc.property(keys, fc.nat(), fc.nat(), (all, first, second) => {
        const [from, to] = [first % (all.length - 1), second % (all.length - 1)].sort((a, b) => a - b);
        const end = to + 2;
        assert.equal(partOf(all.slice(0, end).join(''), all.slice(from).join('')), end - from);
      })
    );
  });
});
