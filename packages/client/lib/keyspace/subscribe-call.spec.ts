import assert from 'node:assert/strict';
import type { NotificationKind } from './protocol';
import { parseCall, parseUnsubscribe, requireListener, type CallTargets } from './subscribe-call';

const CONTEXT = { defaultDatabase: 3, keyPrefix: Buffer.from('p:') };
const listener = () => {};
const call = (kind: NotificationKind, targets: CallTargets, ...rest: unknown[]) =>
  parseCall(kind, targets, rest, CONTEXT);

describe('a subscribe call', () => {
  it('has the defaults unless told otherwise', () => {
    const { interest, names, ...settings } = call('keyspace', { target: 'a' }, listener);
    assert.deepEqual(settings, {
      listener,
      bufferMode: false,
      highWaterMark: 16_384,
      overflow: 'drop-oldest',
      abortSignal: undefined,
      showMigration: false
    });
    assert.deepEqual([interest.databases, interest.prefix, interest.events], [[3], CONTEXT.keyPrefix, undefined]);
    assert.deepEqual(
      names.map(({ bytes }) => bytes.toString()),
      ['__keyspace@3__:p:a']
    );
  });

  it('takes options behind the listener or in its place', () => {
    const { signal } = new AbortController();
    const options = {
      bufferMode: true,
      highWaterMark: 1,
      overflow: 'end',
      abortSignal: signal,
      slotMigration: 'show',
      keyPrefix: false
    } as const;
    for (const rest of [[listener, options], [options]]) {
      const settings = call('keyspace', { target: 'a' }, ...rest);
      assert.deepEqual(
        [settings.bufferMode, settings.highWaterMark, settings.overflow, settings.abortSignal, settings.showMigration],
        [true, 1, 'end', signal, true]
      );
      assert.equal(settings.names[0].bytes.toString(), '__keyspace@3__:a');
    }
    assert.equal(call('keyspace', { target: 'a' }).listener, undefined);
    assert.equal(call('keyspace', { target: 'a' }, { bufferMode: undefined }).bufferMode, false);
  });

  const DATABASES: readonly [given: unknown, taken: readonly unknown[]][] = [
    [0, [0]],
    [
      [1, 2, 1],
      [1, 2]
    ],
    ['all', ['all']],
    [undefined, [3]]
  ];
  for (const [database, taken] of DATABASES) {
    it(`takes ${JSON.stringify(database)} for the databases ${JSON.stringify(taken)}`, () => {
      assert.deepEqual(call('keyspace', { target: 'a' }, { database }).interest.databases, taken);
    });
  }

  it('takes filters the other way round', () => {
    assert.deepEqual(
      call('keyspace', { target: 'a' }, { events: ['set', 'h*'] }).interest.events!.map(({ id }) => id),
      ['=set', '~h*']
    );
    assert.deepEqual(
      call('keyevent', { event: 'set' }, { keys: ['a', 'b*'] }).interest.keys!.map(({ id }) => id),
      ['=a', '~b*']
    );
    assert.deepEqual(
      call('subkeyspaceitem', { target: 'a', subkey: 'f' }, { events: 'hset' }).interest.subkeys!.map(({ id }) => id),
      ['=f']
    );
    assert.equal(call('subkeyspaceitem', { target: 'a*', subkey: 'f\n' }).names.length, 1);
  });

  const WRONG: readonly [
    kind: NotificationKind,
    targets: CallTargets,
    rest: readonly unknown[],
    argument: string,
    message: RegExp
  ][] = [
    ['keyspace', {}, [], 'target', /target must be a string, a Buffer, .*, got undefined/],
    ['keyspace', { target: [] }, [], 'target', /at least one target, got array \[\]/],
    ['keyspace', { target: ['a', 1] }, [], 'target[1]', /got number 1/],
    ['keyevent', { event: '' }, [], 'event', /an event's name or a glob such as 'h\*', got ""/],
    ['keyevent', { event: [] }, [], 'event', /got array \[\]/],
    ['keyspace', { target: 'a' }, ['listener'], 'options', /an object, or a listener, got "listener"/],
    ['keyspace', { target: 'a' }, [null], 'options', /got object null/],
    ['keyspace', { target: 'a' }, [listener, 5], 'options', /got number 5/],
    ['keyspace', { target: 'a' }, [{}, {}], 'listener', /a function, got object with no keys/],
    [
      'keyspace',
      { target: 'a' },
      [{ databases: 1 }],
      'options',
      /an object with only database, events, .*, got object with databases/
    ],
    [
      'keyspace',
      { target: 'a' },
      [{ database: -1 }],
      'database',
      /a whole number >= 0, several, or 'all', got number -1/
    ],
    ['keyspace', { target: 'a' }, [{ database: 1.5 }], 'database', /got number 1\.5/],
    ['keyspace', { target: 'a' }, [{ database: '0' }], 'database', /got "0"/],
    ['keyspace', { target: 'a' }, [{ database: [0, NaN] }], 'database', /got number NaN/],
    ['keyspace', { target: 'a' }, [{ database: [] }], 'database', /at least one number, got array \[\]/],
    ['keyspace', { target: 'a' }, [{ database: 2 ** 31 }], 'database', /got number 2147483648/],
    ['keyspace', { target: 'a' }, [{ database: null }], 'database', /got object null/],
    ['keyspace', { target: 'a' }, [{ bufferMode: 1 }], 'bufferMode', /true or false, got number 1/],
    ['keyspace', { target: 'a' }, [{ keyPrefix: 'p' }], 'keyPrefix', /true or false, got "p"/],
    [
      'keyspace',
      { target: 'a' },
      [{ slotMigration: true }],
      'slotMigration',
      /one of "hide", "show", got boolean true/
    ],
    [
      'keyspace',
      { target: 'a' },
      [{ highWaterMark: 0 }],
      'highWaterMark',
      /a whole number from 1 to 16777216, got number 0/
    ],
    ['keyspace', { target: 'a' }, [{ overflow: 'drop' }], 'overflow', /one of "drop-oldest", .*, got "drop"/],
    ['keyspace', { target: 'a' }, [{ abortSignal: {} }], 'abortSignal', /an AbortSignal, got object with no keys/],
    ['keyspace', { target: 'a' }, [{ keys: 'b' }], 'keys', /left out with a key target, got "b"/],
    ['keyspace', { target: 'a' }, [{ events: '' }], 'events', /got ""/],
    ['keyevent', { event: 'set' }, [{ events: 'del' }], 'events', /left out with an event target, got "del"/],
    ['keyevent', { event: 'set' }, [{ keys: [3] }], 'keys[0]', /got number 3/],
    ['subkeyspaceevent', { event: 'hset', target: 'a' }, [{ keys: 'b' }], 'keys', /left out with a key target/],
    ['subkeyspaceevent', { event: 'hset', target: 'a' }, [{ events: 'b' }], 'events', /left out with an event target/],
    ['subkeyspaceevent', { event: 'a|b', target: 'a' }, [], 'event', /a name without "\|", got "a\|b"/],
    ['subkeyspaceevent', { event: 'hset' }, [], 'target', /got undefined/],
    ['subkeyspaceitem', { target: 'a\nb', subkey: 'f' }, [], 'target', /a key without a newline, got Buffer "a\\nb"/],
    ['subkeyspaceitem', { target: 'a' }, [], 'subkey', /got undefined/]
  ];
  for (const [kind, targets, rest, argument, message] of WRONG) {
    it(`of ${kind} refuses ${JSON.stringify(targets)} ${rest.map(item => JSON.stringify(item) ?? 'a listener').join(' ')}`, () => {
      assert.throws(() => call(kind, targets, ...rest), {
        name: 'KeyspaceArgumentError',
        code: 'KEYSPACE_ARGUMENT',
        argument,
        message
      });
    });
  }
});

describe('an unsubscribe call', () => {
  it('is about all without a target, and else about the ids of its targets', () => {
    assert.equal(parseUnsubscribe('keyspace', undefined), undefined);
    assert.deepEqual([...parseUnsubscribe('keyspace', ['a', 'b*'])!], ['=a', '~b*']);
    assert.deepEqual([...parseUnsubscribe('subkeyspaceevent', 'hset')!], ['=hset']);
    assert.deepEqual([...parseUnsubscribe('subkeyspaceitem', { prefix: 'a' })!], ['~a*']);
  });

  it('refuses wrong targets and listeners', () => {
    assert.throws(() => parseUnsubscribe('keyevent', 5), { argument: 'event', message: /got number 5/ });
    assert.throws(() => requireListener({}), { argument: 'listener', message: /a function, got object/ });
    requireListener(undefined);
    requireListener(listener);
  });
});
