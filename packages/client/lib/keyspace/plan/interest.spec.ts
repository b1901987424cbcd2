import assert from 'node:assert/strict';
import calculateSlot from 'cluster-key-slot';
import { parseNotification, type DatabaseSelector, type NotificationKind } from '../protocol';
import { namesOf, unheardReplicaWords, type Interest } from './interest';
import { parseEventTarget, parseKeyTarget } from './target';

interface Draft {
  readonly keys?: readonly string[];
  readonly events?: readonly string[];
  readonly subkeys?: readonly string[];
  readonly databases?: readonly DatabaseSelector[];
  readonly prefix?: string;
  readonly isSharded?: boolean;
}

function interest(kind: NotificationKind, draft: Draft): Interest {
  const { keys, events, subkeys, databases = [0], prefix = '', isSharded = false } = draft;
  return {
    kind,
    databases,
    keys: keys?.map(key => parseKeyTarget(key, 'target')),
    events: events?.map(event => parseEventTarget(event, 'event')),
    subkeys: subkeys?.map(subkey => parseKeyTarget(subkey, 'subkey')),
    prefix: Buffer.from(prefix),
    isSharded
  };
}

const names = (kind: NotificationKind, draft: Draft) => namesOf(interest(kind, draft));
const texts = (kind: NotificationKind, draft: Draft) =>
  names(kind, draft).map(({ bytes, pattern }) => `${pattern ? '~' : '='}${bytes.toString()}`);

describe('names of an interest', () => {
  const CASES: readonly [kind: NotificationKind, draft: Draft, expected: readonly string[]][] = [
    ['keyspace', { keys: ['a', 'b*'] }, ['=__keyspace@0__:a', '~__keyspace@0__:b*']],
    [
      'keyspace',
      { keys: ['b*', 'a'], databases: [1, 2] },
      ['=__keyspace@1__:a', '=__keyspace@2__:a', '~__keyspace@1__:b*', '~__keyspace@2__:b*']
    ],
    ['keyspace', { keys: ['a'], databases: ['all'] }, ['~__keyspace@*__:a']],
    ['keyspace', { keys: ['a', 'b*'], prefix: 'p[:' }, ['=__keyspace@0__:p[:a', '~__keyspace@0__:p\\[:b*']],
    ['keyevent', { events: ['set', 'h*'], keys: ['a'] }, ['=__keyevent@0__:set', '~__keyevent@0__:h*']],
    ['keyevent', { events: ['del'] }, ['=__keyevent@0__:del']],
    ['keyevent', { events: ['del'], isSharded: true }, ['=__keyevent@0__:del', '=__keyevent@0__:restore']],
    [
      'keyevent',
      { events: ['d*'], databases: [0, 2], isSharded: true },
      ['=__keyevent@0__:restore', '=__keyevent@2__:restore', '~__keyevent@0__:d*', '~__keyevent@2__:d*']
    ],
    ['keyevent', { events: ['del', 're*'], isSharded: true }, ['=__keyevent@0__:del', '~__keyevent@0__:re*']],
    ['keyevent', { events: ['set'], isSharded: true }, ['=__keyevent@0__:set']],
    ['subkeyspace', { keys: ['h'] }, ['=__subkeyspace@0__:h']],
    ['subkeyevent', { events: ['hset'] }, ['=__subkeyevent@0__:hset']],
    [
      'subkeyspaceitem',
      { keys: ['h', 'i*'], subkeys: ['f'] },
      ['=__subkeyspaceitem@0__:h\nf', '~__subkeyspaceitem@0__:i*\nf']
    ],
    [
      'subkeyspaceevent',
      { keys: ['h', 'i'], events: ['hset'] },
      ['=__subkeyspaceevent@0__:hset|h', '=__subkeyspaceevent@0__:hset|i']
    ]
  ];
  for (const [kind, draft, expected] of CASES) {
    it(`of ${kind} ${JSON.stringify(draft)} are ${JSON.stringify(expected)}`, () =>
      assert.deepEqual(texts(kind, draft), expected));
  }

  it('bring the other half of a moved key for comparison only, as long as its `del` is heard', () => {
    const [, companion] = names('keyevent', { events: ['del'], isSharded: true });
    const notification = parseNotification(Buffer.from('__keyevent@0__:restore'), Buffer.from('k'))!;
    assert.deepEqual([companion.check?.(notification), companion.target.id], [false, '=del']);
  });

  it('know the slot of an exact key, prefix included, and none of patterns and events', () => {
    assert.equal(names('keyspace', { keys: ['a'] })[0].slot, calculateSlot('a'));
    assert.equal(names('keyspace', { keys: ['a'], prefix: 'p:' })[0].slot, calculateSlot('p:a'));
    assert.equal(names('keyspace', { keys: ['a'], databases: ['all'] })[0].slot, calculateSlot('a'));
    assert.equal(names('subkeyspaceitem', { keys: ['a'], subkeys: ['f*'] })[0].slot, calculateSlot('a'));
    assert.equal(names('keyspace', { keys: ['a*'] })[0].slot, undefined);
    assert.equal(names('keyevent', { events: ['set'] })[0].slot, undefined);
  });

  it('know by which target unsubscribe finds them: the key, or else the event, without the prefix', () => {
    const target = (kind: NotificationKind, draft: Draft) => names(kind, draft).map(item => item.target.id);
    assert.deepEqual(target('keyspace', { keys: ['a'], prefix: 'p:' }), ['=a']);
    assert.deepEqual(target('keyevent', { events: ['set'], keys: ['a'] }), ['=set']);
    assert.deepEqual(target('subkeyspaceitem', { keys: ['a'], subkeys: ['b'] }), ['=a']);
    assert.deepEqual(target('subkeyspaceevent', { keys: ['a'], events: ['hset'] }), ['=hset']);
  });
});

describe('what a replica says otherwise', () => {
  const cases: [kind: NotificationKind, draft: Draft, unheard: string[]][] = [
    ['keyevent', { events: ['expired'] }, ['del']],
    ['keyevent', { events: ['e*'] }, ['del', 'del']],
    ['keyevent', { events: ['expired', 'del'] }, []],
    ['keyevent', { events: ['*'] }, []],
    ['keyevent', { events: ['set', 'spop'] }, ['srem']],
    ['subkeyevent', { events: ['hexpired'] }, ['hdel']],
    ['subkeyspaceevent', { events: ['hexpired', 'hdel'], keys: ['*'] }, []],
    // The key brings every word.
    ['keyspace', { keys: ['a'], events: ['expired'] }, []]
  ];
  for (const [kind, draft, unheard] of cases) {
    it(`is ${unheard.length ? '' : 'not '}unheard by ${kind} ${draft.events!.join(' and ')}`, () => {
      assert.deepEqual(unheardReplicaWords(interest(kind, draft)), unheard);
    });
  }
});

describe('the check of a name', () => {
  const check = (kind: NotificationKind, draft: Draft, channel: string, payload: string) => {
    const [name] = names(kind, draft);
    return name.check?.(parseNotification(Buffer.from(channel), Buffer.from(payload))!);
  };

  it('is left out where the server match is proof enough', () => {
    for (const draft of [{ keys: ['a'] }, { keys: ['a*'] }]) assert.equal(names('keyspace', draft)[0].check, undefined);
    assert.equal(names('keyevent', { events: ['*'] })[0].check, undefined);
    assert.equal(names('subkeyspaceitem', { keys: ['a'], subkeys: ['b'] })[0].check, undefined);
  });

  it('does not take the key x__:foo of database 0 for the key foo of any database', () => {
    const draft: Draft = { keys: ['foo'], databases: ['all'] };
    assert.equal(check('keyspace', draft, '__keyspace@0__:x__:foo', 'set'), false);
    assert.equal(check('keyspace', draft, '__keyspace@3__:foo', 'set'), true);
  });

  it('does not take one event for another whose name ends alike', () => {
    const draft: Draft = { events: ['set'], databases: ['all'] };
    assert.equal(check('keyevent', draft, '__keyevent@0__:x__:set', 'k'), false);
    assert.equal(check('keyevent', draft, '__keyevent@0__:set', 'k'), true);
  });

  it('looks at key and field each by itself, for the newline between them is one of the star too', () => {
    const draft: Draft = { keys: ['h*'], subkeys: ['f'] };
    assert.equal(check('subkeyspaceitem', draft, '__subkeyspaceitem@0__:h1\nf', 'hset'), true);
    assert.equal(check('subkeyspaceitem', draft, '__subkeyspaceitem@0__:h1\ng\nf', 'hset'), false);
  });

  it('looks at event and key each by itself, for the bar between them is one of the star too', () => {
    const draft: Draft = { keys: ['b'], events: ['h*'] };
    assert.equal(check('subkeyspaceevent', draft, '__subkeyspaceevent@0__:hset|b', '1:f'), true);
    assert.equal(check('subkeyspaceevent', draft, '__subkeyspaceevent@0__:hset|a|b', '1:f'), false);
  });
});
