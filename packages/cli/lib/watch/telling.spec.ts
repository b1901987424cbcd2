import assert from 'node:assert/strict';
import { FakeIo } from '../../test/support/fake-io';
import { styleOf } from '../style';
import { ErrorDigest } from './error-digest';
import type { Happening } from './happening';
import { lineOf } from './lines';
import { recordOf } from './records';
import { jsonSink } from './sinks';
import { parseUntil } from './until';

const time = new Date(2026, 0, 2, 3, 4, 5, 6);
const gap = {
  reason: 'overflow',
  node: 'a:1',
  slots: [
    [1, 2],
    [4, 4]
  ],
  since: new Date(+time - 1_500),
  until: undefined,
  dropped: 1_234
} as const;
const notification = {
  kind: 'subkeyspace',
  event: 'hset',
  key: Buffer.from('a\u001b[31mü'),
  database: 3,
  subkeys: [Buffer.from('f'), Buffer.from([0xff])],
  node: 'a:1'
} as const;
const change = {
  primaries: ['a:1'],
  replicas: [],
  gained: [{ node: 'a:1', slots: [[0, 9]] }],
  lost: [],
  importing: [],
  joined: [{ node: 'c:1', role: 'replica' }],
  left: [],
  promoted: ['a:1'],
  demoted: ['b:1']
} as const;

describe('what happens', () => {
  const CASES: [happening: Happening, line: string | undefined, record: Record<string, unknown>][] = [
    [
      { time, type: 'notification', notification },
      '03:04:05.006  a:1              db3  hset       a\\u001b[31mü  f \\xff',
      {
        node: 'a:1',
        database: 3,
        event: 'hset',
        key: 'a\u001b[31mü',
        subkeys: ['f', '\ufffd'],
        subkeysBase64: ['Zg==', '/w==']
      }
    ],
    [
      { time, type: 'gap', gap },
      '03:04:05.006  GAP        overflow: a:1, slots 1-2, 4: 1,234 dropped since 03:04:03.506',
      { reason: 'overflow', node: 'a:1', slots: gap.slots, since: gap.since.toISOString(), dropped: 1_234 }
    ],
    [
      { time, type: 'recovered', gap: { ...gap, until: time, dropped: undefined } },
      '03:04:05.006  RECOVERED  overflow: a:1, slots 1-2, 4: in doubt for 1.5 s',
      {
        reason: 'overflow',
        node: 'a:1',
        slots: gap.slots,
        since: gap.since.toISOString(),
        until: time.toISOString()
      }
    ],
    [
      { time, type: 'topology', change },
      '03:04:05.006  TOPOLOGY   a:1 is primary now; b:1 is a replica now; replica c:1 has joined; a:1 gained slots 0-9',
      { ...change }
    ],
    [
      { time, type: 'warning', warning: { code: 'KEYSPACE_NOTIFICATIONS_OFF', node: 'a:1', message: 'off' } },
      '03:04:05.006  WARNING    off',
      { code: 'KEYSPACE_NOTIFICATIONS_OFF', node: 'a:1', message: 'off' }
    ],
    [{ time, type: 'error', message: 'a\nb' }, '03:04:05.006  ERROR      a\\u000ab', { message: 'a\nb' }],
    [
      { time, type: 'watching', kind: 'cluster', url: 'redis://a', nodes: ['a:1', 'b:1'], slots: 16_384 },
      'Watching redis://a, cluster: a:1, b:1. Ctrl-C ends.',
      { kind: 'cluster', url: 'redis://a', nodes: ['a:1', 'b:1'], slots: 16_384 }
    ],
    [
      { time, type: 'end', reason: 'until', heard: 1_000, gaps: 1 },
      'Ended as told: 1,000 heard, 1 gap.',
      { reason: 'until', heard: 1_000, gaps: 1 }
    ]
  ];
  for (const [happening, line, record] of CASES) {
    it(`is told as a line and as JSON: ${happening.type}`, () => {
      assert.equal(lineOf(happening, styleOf(false)), line);
      const told = JSON.parse(JSON.stringify(recordOf(happening))) as unknown;
      assert.deepEqual(told, JSON.parse(JSON.stringify({ type: happening.type, time: time.toISOString(), ...record })));
    });
  }

  it('keeps the bytes of a key that is no text', () => {
    const binary = { ...notification, key: Buffer.from([0xff, 0x41, 0x00]), subkeys: [] };
    assert.match(lineOf({ time, type: 'notification', notification: binary }, styleOf(false))!, / \\xffA\\x00$/);
    const { key, keyBase64 } = recordOf({ time, type: 'notification', notification: binary });
    assert.deepEqual([key, keyBase64], ['\ufffdA\u0000', '/0EA']);
  });

  it('is held back while the reader of the JSON is slow', async () => {
    const { stdout } = new FakeIo();
    const sink = jsonSink(stdout, { rate: false });
    assert.equal(sink({ time, type: 'notification', notification }), undefined);
    stdout.isFull = true;
    const pending = sink({ time, type: 'notification', notification });
    assert.ok(pending instanceof Promise);
    stdout.emit('drain');
    await pending;
  });
});

describe('ErrorDigest', () => {
  it('tells the same once, until all is well again, and stays bounded', () => {
    const digest = new ErrorDigest();
    const error = new Error('gone');
    assert.deepEqual([digest.news(error), digest.news(error)], ['gone', undefined]);
    digest.forget();
    assert.equal(digest.news(error), 'gone');
    for (let index = 0; index < 200; index++) digest.news(new Error(String(index)));
    assert.equal(digest.news(new Error('one more')), undefined);
  });
});

describe('parseUntil', () => {
  it('tells a number from a time', () => {
    assert.deepEqual(parseUntil('10'), { count: 10 });
    assert.deepEqual(parseUntil('1.5s'), { duration: 1_500 });
    assert.deepEqual(parseUntil('2h'), { duration: 7_200_000 });
  });
});
