import assert from 'node:assert/strict';
import type { Message } from '../delivery/dispatcher';
import { parseNotification } from '../protocol';
import { printOf, wordsOf } from './word';

function said(channel: string, payload = 'set'): Message {
  return { notification: parseNotification(Buffer.from(channel), Buffer.from(payload)) } as unknown as Message;
}
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

describe('words', () => {
  const [P, E] = [{}, {}];
  const by = (want: unknown, key: string, event = 'set') =>
    ({ ...said(`__keyspace@0__:${key}`, event), want }) as Message;

  it('are what several names bring of one write, and end behind the last of these', () => {
    const words = wordsOf([by(P, 'a'), by(E, 'a'), by(P, 'b'), by(E, 'b')]);
    assert.deepEqual(words, [
      { print: print('a'), event: 'set', end: 2 },
      { print: print('b'), event: 'set', end: 4 }
    ]);
  });

  it('are several when a name comes again, or another event', () => {
    const words = wordsOf([by(P, 'a'), by(E, 'a'), by(P, 'a'), by(E, 'a'), by(P, 'a', 'expire'), by(E, 'a', 'expire')]);
    assert.deepEqual(
      words.map(({ event, end }) => `${event} ${end}`),
      ['set 2', 'set 4', 'expire 6']
    );
  });

  it('are no reads', () => {
    const words = wordsOf([by(P, 'a'), by(P, 'b', 'keymiss'), by(E, 'a')]);
    assert.deepEqual(words, [{ print: print('a'), event: 'set', end: 3 }]);
  });
});
