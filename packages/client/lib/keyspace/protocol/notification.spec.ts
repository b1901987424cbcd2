import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as channels from './channel';
import { EVENT_CATALOG } from './event-catalog';
import { internEvent, parseNotification, type ParsedNotification } from './notification';

const bytes = (text: string) => Buffer.from(text, 'latin1');
const parse = (channel: string, payload: string) => parseNotification(bytes(channel), bytes(payload));
const keyOf = ({ source, keyStart, keyEnd }: ParsedNotification) => source.subarray(keyStart, keyEnd);

const literal = (value: Buffer) => ({ literal: value });
const lengthPrefixed = (value: Buffer) => Buffer.concat([bytes(`${value.length}:`), value]);
const fieldList = (fields: readonly Buffer[]) =>
  Buffer.concat(fields.flatMap((field, i) => [bytes(i === 0 ? '' : ','), lengthPrefixed(field)]));

describe('parseNotification', () => {
  type Case = [
    channel: string,
    payload: string,
    kind: string,
    db: number,
    event: string,
    key: string,
    ...subkeys: string[]
  ];
  const CASES: readonly Case[] = [
    ['__keyspace@0__:user:1', 'set', 'keyspace', 0, 'set', 'user:1'],
    ['__keyspace@0__:', 'set', 'keyspace', 0, 'set', ''],
    ['__keyspace@15__:x__:y\n\xff\0', 'del', 'keyspace', 15, 'del', 'x__:y\n\xff\0'],
    ['__keyspace@2147483647__:k', 'json.set', 'keyspace', 2147483647, 'json.set', 'k'],
    ['__keyevent@1__:copy_to', 'k', 'keyevent', 1, 'copy_to', 'k'],
    ['__keyevent@0__:expired', '', 'keyevent', 0, 'expired', ''],
    ['__keyevent@0__:CRON Executed', 'k', 'keyevent', 0, 'CRON Executed', 'k'],
    ['__subkeyspace@0__:h', 'hset|2:f1,6:field2', 'subkeyspace', 0, 'hset', 'h', 'f1', 'field2'],
    ['__subkeyspace@0__:a|b:c', 'hset|6:x|y:z,', 'subkeyspace', 0, 'hset', 'a|b:c', 'x|y:z,'],
    ['__subkeyspace@0__:h', 'hset|1:f,1:f', 'subkeyspace', 0, 'hset', 'h', 'f', 'f'],
    ['__subkeyspace@0__:', 'hset|0:', 'subkeyspace', 0, 'hset', '', ''],
    ['__subkeyspace@0__:h', 'hset|0:,0:', 'subkeyspace', 0, 'hset', 'h', '', ''],
    ['__subkeyevent@0__:hset', '1:h|2:f1,6:field2', 'subkeyevent', 0, 'hset', 'h', 'f1', 'field2'],
    ['__subkeyevent@0__:hset', '5:a|b:c|6:x|y:z,', 'subkeyevent', 0, 'hset', 'a|b:c', 'x|y:z,'],
    ['__subkeyevent@0__:hset', '2:\xc3\xa9|3:\xe2\x82\xac', 'subkeyevent', 0, 'hset', '\xc3\xa9', '\xe2\x82\xac'],
    ['__subkeyevent@0__:hset', '0:|0:', 'subkeyevent', 0, 'hset', '', ''],
    ['__subkeyspaceitem@0__:h\nf1', 'hset', 'subkeyspaceitem', 0, 'hset', 'h', 'f1'],
    ['__subkeyspaceitem@0__:k\nf\ng', 'hdel', 'subkeyspaceitem', 0, 'hdel', 'k', 'f\ng'],
    ['__subkeyspaceitem@0__:\n', 'hset', 'subkeyspaceitem', 0, 'hset', '', ''],
    ['__subkeyspaceevent@0__:hset|h', '2:f1,6:field2', 'subkeyspaceevent', 0, 'hset', 'h', 'f1', 'field2'],
    ['__subkeyspaceevent@0__:hset|a|b:c', '0:', 'subkeyspaceevent', 0, 'hset', 'a|b:c', '']
  ];
  for (const [channel, payload, kind, database, event, key, ...subkeys] of CASES) {
    it(`reads ${JSON.stringify([channel, payload])}`, () => {
      const parsed = parse(channel, payload);
      assert.ok(parsed);
      assert.deepEqual([parsed.kind, parsed.database, parsed.event], [kind, database, event]);
      assert.equal(keyOf(parsed).toString('latin1'), key);
      assert.deepEqual(
        parsed.subkeys.map(subkey => subkey.toString('latin1')),
        subkeys
      );
    });
  }

  const FORGED: readonly [channel: string, payload: string][] = [
    ['', ''],
    ['news', 'set'],
    ['__keyspace@', 'set'],
    ['__keyspace@0', 'set'],
    ['__keyspace@0__', 'set'],
    ['__keyspace@0_:k', 'set'],
    ['__keyspace@__:k', 'set'],
    ['__keyspace@+1__:k', 'set'],
    ['__keyspace@-1__:k', 'set'],
    ['__keyspace@1.5__:k', 'set'],
    ['__keyspace@00__:k', 'set'],
    ['__keyspace@*__:k', 'set'],
    ['__keyspace@2147483648__:k', 'set'],
    ['__keyspace@99999999999999999999__:k', 'set'],
    ['__keyspacE@0__:k', 'set'],
    ['__keyspace@0__:k', ''],
    ['__keyevent@0__:', 'k'],
    ['__subkeyspace@0__:x', 'hello'],
    ['__subkeyspace@0__:x', '|1:f'],
    ['__subkeyspace@0__:x', 'hset|'],
    ['__subkeyspace@0__:x', 'hset|f'],
    ['__subkeyspace@0__:x', 'hset|2:f'],
    ['__subkeyspace@0__:x', 'hset|1:f,'],
    ['__subkeyspace@0__:x', 'hset|1:fg'],
    ['__subkeyspace@0__:x', 'hset|01:f'],
    ['__subkeyspace@0__:x', 'hset|-1:f'],
    ['__subkeyspace@0__:x', 'hset|99999999999:f'],
    ['__subkeyevent@0__:', '1:h|1:f'],
    ['__subkeyevent@0__:hset', ''],
    ['__subkeyevent@0__:hset', '1:h'],
    ['__subkeyevent@0__:hset', '9:h|1:f'],
    ['__subkeyevent@0__:hset', '1:h,1:f'],
    ['__subkeyspaceitem@0__:k', 'hset'],
    ['__subkeyspaceitem@0__:k\nf', ''],
    ['__subkeyspaceevent@0__:hset', '1:f'],
    ['__subkeyspaceevent@0__:|k', '1:f'],
    ['__subkeyspaceevent@0__:hset|k', '']
  ];
  for (const [channel, payload] of FORGED) {
    it(`ignores ${JSON.stringify([channel, payload])}`, () => assert.equal(parse(channel, payload), undefined));
  }

  it('points into the message and shares the empty list of subkeys', () => {
    const channel = bytes('__keyspace@0__:k');
    const parsed = parseNotification(channel, bytes('set'));
    assert.equal(parsed?.source, channel);
    assert.equal(parsed?.subkeys, parse('__keyevent@0__:set', 'k')?.subkeys);
  });

  it('never throws, whatever is published', () => {
    const prefix = fc.constantFrom(
      ...channels.NOTIFICATION_KINDS.map(kind => `__${kind}@0__:`),
      '__keyspace@',
      '__',
      ''
    );
    const tail = fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.array(fc.constantFrom(...bytes('|:,\n0129_@hf'))));
    fc.assert(
      fc.property(prefix, tail, tail, (name, rest, payload) => {
        const parsed = parseNotification(Buffer.concat([bytes(name), Buffer.from(rest)]), Buffer.from(payload));
        if (parsed === undefined) return;
        assert.notEqual(parsed.event, '');
        assert.ok(parsed.keyStart <= parsed.keyEnd && parsed.keyEnd <= parsed.source.length);
      }),
      { numRuns: 5_000 }
    );
  });
});

describe('parseNotification of what a server writes', () => {
  const anyBytes = fc.uint8Array({ maxLength: 24 }).map(value => Buffer.from(value));
  const database = fc.integer({ min: 0, max: 0x7fff_ffff });
  const event = fc.constantFrom(...EVENT_CATALOG.map(entry => entry.event), 'json.set', 'événement');
  const fields = fc.array(anyBytes, { minLength: 1, maxLength: 5 });
  type Message = [channel: Buffer, payload: Buffer, subkeys: readonly Buffer[]];
  type Build = (database: number, event: Buffer, key: Buffer, fields: readonly Buffer[]) => Message | undefined;

  const BUILD: Readonly<Record<channels.NotificationKind, Build>> = {
    keyspace: (db, event, key) => [channels.keyspaceChannel(db, literal(key)).bytes, event, []],
    keyevent: (db, event, key) => [channels.keyeventChannel(db, literal(event)).bytes, key, []],
    subkeyspace: (db, event, key, fields) => [
      channels.subkeyspaceChannel(db, literal(key)).bytes,
      Buffer.concat([event, bytes('|'), fieldList(fields)]),
      fields
    ],
    subkeyevent: (db, event, key, fields) => [
      channels.subkeyeventChannel(db, literal(event)).bytes,
      Buffer.concat([lengthPrefixed(key), bytes('|'), fieldList(fields)]),
      fields
    ],
    subkeyspaceitem: (db, event, key, [field]) =>
      key.includes('\n')
        ? undefined
        : [channels.subkeyspaceitemChannel(db, literal(key), literal(field)).bytes, event, [field]],
    subkeyspaceevent: (db, event, key, fields) => [
      channels.subkeyspaceeventChannel(db, literal(event), literal(key)).bytes,
      fieldList(fields),
      fields
    ]
  };

  for (const kind of channels.NOTIFICATION_KINDS) {
    it(`gives back any key, event and subkeys of ${kind}`, () => {
      fc.assert(
        fc.property(database, event, anyBytes, fields, (db, name, key, wanted) => {
          const message = BUILD[kind](db, Buffer.from(name), key, wanted);
          if (message === undefined) return;
          const [channel, payload, subkeys] = message;
          const parsed = parseNotification(channel, payload);
          assert.ok(parsed);
          assert.deepEqual([parsed.kind, parsed.database, parsed.event], [kind, db, name]);
          assert.ok(keyOf(parsed).equals(key));
          assert.deepEqual(parsed.subkeys.map(String), subkeys.map(String));
          assert.deepEqual(Buffer.concat([...parsed.subkeys]), Buffer.concat([...subkeys]));
        }),
        { numRuns: 300 }
      );
    });
  }
});

describe('internEvent', () => {
  it('knows every name of the catalogue, anywhere in a message', () => {
    for (const { event } of EVENT_CATALOG) {
      assert.equal(internEvent(bytes(event)), event);
      assert.equal(internEvent(bytes(`xx${event}yy`), 2, 2 + event.length), event);
    }
  });

  it('takes no name for the beginning of a longer one', () => {
    for (const { event } of EVENT_CATALOG) {
      for (let tail = 0x21; tail < 0x7f; tail++) {
        for (const length of [1, 2, 3, 4]) {
          const longer = event + String.fromCharCode(tail).repeat(length);
          assert.equal(internEvent(bytes(longer)), longer);
        }
      }
    }
  });

  it('takes no name for a similar one', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), text =>
        assert.equal(internEvent(Buffer.from(text)), Buffer.from(text).toString())
      )
    );
    for (const text of ['sez', 'se', 'sett', 'SET', 'hdeL']) assert.equal(internEvent(bytes(text)), text);
  });

  it('decodes what it does not know as UTF-8', () => {
    assert.equal(internEvent(Buffer.from('événement')), 'événement');
    assert.equal(internEvent(bytes('\xff')), '\ufffd');
  });
});
