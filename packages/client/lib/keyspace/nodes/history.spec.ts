import assert from 'node:assert/strict';
import type { Message } from '../delivery/dispatcher';
import { parseNotification } from '../protocol';
import { History } from './history';
import { printOf } from './word';

function said(channel: string, payload = 'set'): Message {
  return { notification: parseNotification(Buffer.from(channel), Buffer.from(payload)) } as unknown as Message;
}
const print = (key: string) => printOf(said(`__keyspace@0__:${key}`));

describe('a history', () => {
  /** What is said, each as a slot, a key, and an event, `-` for one by which it is gone; a millisecond apart. */
  function historyOf(...entries: readonly string[]): History {
    let now = 1_000;
    const history = new History(() => now++);
    for (const entry of entries) {
      const [slot, key, gone] = entry.split(' ');
      history.add(Number(slot), said(`__keyspace@0__:${key}`, gone === '-' ? 'del' : gone));
    }
    return history;
  }
  const prints = (keys: string) => [...keys].map(print);

  it('goes backwards through all that was said', () => {
    assert.deepEqual([...historyOf('1 a', '2 b', '1 c', '16383 d').backwards()], prints('dcba'));
  });

  it('tells what was said of some slots since a time, the very last first', () => {
    const history = historyOf('1 a', '2 b', '1 c -', '16383 d');
    assert.deepEqual(history.saidSince(1_000, new Set([1])), prints('ca'));
    assert.deepEqual(history.saidSince(1_001, new Set([1, 16_383])), prints('dc'));
    assert.deepEqual(history.saidSince(1_004, new Set([1, 2, 16_383])), []);
  });

  it('tells what was said of some slots from a count on, in order', () => {
    const history = historyOf('1 a', '2 b');
    const { count } = history;
    assert.deepEqual([count, history.saidFrom(count, new Set([1]))], [2, []]);
    history.add(1, said('__keyspace@0__:c'));
    history.add(1, said('__keyspace@0__:d'));
    assert.deepEqual(history.saidFrom(count, new Set([1])), prints('cd'));
    assert.deepEqual(history.saidFrom(0, new Set([1, 2])), prints('abcd'));
  });

  it('knows which keys of some slots are still there', () => {
    const history = historyOf('1 a', '1 b', '2 c', '1 b -', '1 d -', '1 d', '16383 e -');
    assert.deepEqual(history.keysOf(new Set([1]), 0), new Set(prints('ad')));
    assert.deepEqual(history.keysOf(new Set([1, 2, 16_383]), 0), new Set(prints('adc')));
  });

  it('is not sure of keys that may run out, or of which it would not hear that', () => {
    const history = historyOf('1 a', '1 a expire', '1 b', '1 c restore', '1 d', '1 d -');
    history.add(1, { ...said('__keyevent@0__:set', 'e'), want: { text: '__keyevent@0__:set' } } as Message);
    history.add(1, { ...said('__keyevent@0__:set', 'f'), want: { text: '__keyevent@0__:*' } } as Message);
    const fields = { ...said('__subkeyspace@0__:g', 'hset|1:f'), want: { text: '__subkeyspace@0__:*' } };
    history.add(1, fields as Message);
    assert.deepEqual(history.keysOf(new Set([1]), 1_003), new Set(prints('bcf')), 'not a, which was said before that');
    assert.deepEqual(history.keysOf(new Set([1]), Infinity), new Set(prints('bf')));
    assert.deepEqual(historyOf('1 a', '1 b').keysOf(new Set([1]), 0), new Set(), 'maybe no deletion is ever told');
  });

  it('is continued by who takes the place of the node', () => {
    const [former, next] = [historyOf('1 a', '1 b', '1 b -'), new History(() => 2_000)];
    next.inherit(former);
    next.add(1, said('__keyspace@0__:c'));
    former.add(1, said('__keyspace@0__:d'));
    assert.deepEqual([next.count, [...next.backwards()]], [4, prints('cbba')]);
    assert.deepEqual(next.keysOf(new Set([1]), 0), new Set(prints('ac')));
  });

  it('knows a word that is said by several names for one', () => {
    const history = new History();
    const [channel, other] = [{}, {}];
    for (const want of [channel, other, channel]) history.add(1, { ...said('__keyspace@0__:a'), want } as Message);
    assert.deepEqual([...history.backwards()], prints('aa'));
  });

  it('remembers the last 16,384', () => {
    const history = historyOf(...Array.from({ length: 16_384 + 100 }, (_, index) => `1 k${index}`));
    for (const said of [[...history.backwards()], history.saidSince(0, new Set([1]))]) {
      assert.deepEqual([said.length, said[0], said.at(-1)], [16_384, print('k16483'), print('k100')]);
    }
    assert.deepEqual(history.saidFrom(0, new Set([1]))[0], print('k100'));
  });
});
