import assert from 'node:assert/strict';
import type { Message } from '../delivery/dispatcher';
import type { Subscription } from '../delivery/subscription';
import type { Want } from '../plan/registry';
import { parseNotification } from '../protocol';
import { inPrimaryWords, isRepeated, type PrimaryWord } from './primary-words';

/** `keyspace`, `*` or an event: the pattern over all keys, the one over all events, or the channel of that event. */
function wantOf(name: string): Want<Subscription> {
  const text = name === 'keyspace' ? '__keyspace@0__:*' : `__keyevent@0__:${name}`;
  return { text, id: text, bytes: Buffer.from(text), pattern: text.includes('*') } as unknown as Want<Subscription>;
}

function messageOf(want: Want<Subscription>, event: string, key: string): Message {
  const [channel, payload] = want.text.startsWith('__keyspace')
    ? [`__keyspace@0__:${key}`, event]
    : [`__keyevent@0__:${event}`, key];
  const notification = parseNotification(Buffer.from(channel), Buffer.from(payload));
  return { want, channel: Buffer.from(channel), notification } as unknown as Message;
}

/** `del k` as the demoted node says it, to each of the names that it concerns. */
function missedBy(wants: readonly Want<Subscription>[], texts: readonly string[]): Message[] {
  return texts.flatMap(text => {
    const [event, key] = text.split(' ');
    return wants
      .filter(({ text: name }) => name.endsWith(':*') || name.endsWith(`:${event}`))
      .map(want => messageOf(want, event, key));
  });
}

function foretold(texts: readonly string[]): PrimaryWord[] {
  return texts.map((text, index) => {
    const [event, key] = text.split(' ');
    const { channel, notification } = messageOf(wantOf(event), event, key);
    return { channel, notification, at: index + 1 };
  });
}

interface Case {
  readonly names?: readonly string[];
  readonly missed: readonly string[];
  readonly said: readonly string[];
  /** What each name has heard by itself, as how many of `said` came before. @default all of them */
  readonly since?: number;
  /** As `<name> <event> <key>`; undefined: it cannot be known. */
  readonly told: readonly string[] | undefined;
}

const CASES: Readonly<Record<string, Case>> = {
  'are its own where a replica says the same': { missed: ['set a', 'del a'], said: [], told: ['set a', 'del a'] },
  'are `expired` for `del` where it said so': {
    missed: ['set a', 'del b', 'del a'],
    said: ['expired b'],
    told: ['set a', 'expired b', 'del a']
  },
  'are those of every kind': {
    missed: ['del a', 'hdel b', 'srem c', 'set d', 'hset e'],
    said: ['evicted a', 'hexpired b', 'spop c', 'incrbyfloat d', 'hincrbyfloat e'],
    told: ['evicted a', 'hexpired b', 'spop c', 'incrbyfloat d', 'hincrbyfloat e']
  },
  'are in the order in which it said them': {
    missed: ['del a', 'set a', 'del a'],
    said: ['expired a', 'evicted a'],
    told: ['expired a', 'set a', 'evicted a']
  },
  'cannot be known of a key that was deleted both ways': {
    missed: ['del a', 'set a', 'del a'],
    said: ['expired a'],
    told: undefined
  },
  'are not counted once more that were heard': { missed: ['del a'], said: ['expired a'], since: 0, told: ['del a'] },
  'may be `spop` as long as no word has come by event': { missed: ['srem a'], said: [], told: undefined },
  'are `srem` when others have come': { missed: ['srem a'], said: ['expired b'], told: ['srem a'] }
};

describe("a new primary's words", () => {
  const sinceOf =
    (since = Infinity) =>
    () =>
      since;

  for (const [title, { missed, said, since, told }] of Object.entries(CASES)) {
    for (const name of ['keyspace', '*']) {
      it(`${title}, to ${name}`, () => {
        const want = wantOf(name);
        const ears = { wanted: [want], activeSince: sinceOf(since) };
        const found = inPrimaryWords(missedBy([want], missed), foretold(said), ears);
        const texts = found?.map(({ notification: { event, source, keyStart, keyEnd } }) =>
          [event, source.toString('utf8', keyStart, keyEnd)].join(' ')
        );
        assert.deepEqual(texts, told);
        for (const { channel, notification } of found ?? []) {
          const parsed = parseNotification(channel, Buffer.from(name === 'keyspace' ? notification.event : 'a'));
          assert.equal(parsed!.event, notification.event, 'the channel says the same');
        }
      });
    }
  }

  it('are told to names that a replica says nothing to, and not to names that they do not concern', () => {
    const wants = ['del', 'expired', 'e*', 'keyspace'].map(wantOf);
    const ears = { wanted: wants, activeSince: sinceOf() };
    const found = inPrimaryWords(missedBy(wants, ['del a', 'del b']), foretold(['expired a']), ears)!;
    assert.deepEqual(
      found.map(({ want, notification: { event } }) => `${want.text} ${event}`),
      [
        '__keyevent@0__:expired expired',
        '__keyevent@0__:e* expired',
        '__keyspace@0__:* expired',
        '__keyevent@0__:del del',
        '__keyspace@0__:* del'
      ]
    );
  });

  it('are not known to names of fields when fields have expired', () => {
    const want = { ...wantOf('hexpired'), text: '__subkeyevent@0__:hexpired' };
    const ears = { wanted: [want], activeSince: sinceOf() };
    assert.deepEqual(inPrimaryWords([], foretold(['expired a']), ears), []);
    assert.equal(inPrimaryWords([], foretold(['hexpired a']), ears), undefined);
  });

  it('are repeated by a demoted node, unless it calls them otherwise to another name', () => {
    const repeated = (name: string, event: string) => isRepeated(messageOf(wantOf(name), event, 'k'));
    assert.deepEqual(
      [repeated('keyspace', 'expired'), repeated('*', 'expired'), repeated('set', 'set')],
      [true, true, true]
    );
    assert.deepEqual([repeated('expired', 'expired'), repeated('e*', 'expired')], [false, false]);
  });
});
