import assert from 'node:assert/strict';
import * as errors from './errors';

const {
  KeyspaceArgumentError,
  KeyspaceClosedError,
  KeyspaceError,
  KeyspaceRefusedError,
  KeyspaceTimeoutError,
  KeyspaceUnsupportedError,
  messageOf,
  quote
} = errors;

describe('errors', () => {
  const cause = new Error('NOPERM no');
  const ALL: readonly [error: errors.KeyspaceError, name: string, code: string, message: RegExp][] = [
    [
      new KeyspaceArgumentError('database', 'a number', 'x'),
      'KeyspaceArgumentError',
      'KEYSPACE_ARGUMENT',
      /^database must be a number, got "x"$/
    ],
    [
      new KeyspaceRefusedError('h:1', '__keyspace@0__:a', '&__keyspace@0__:a', cause),
      'KeyspaceRefusedError',
      'KEYSPACE_REFUSED',
      /^h:1 refused to subscribe "__keyspace@0__:a": NOPERM no\..*ACL SETUSER <user> "&__keyspace@0__:a"$/
    ],
    [
      new KeyspaceTimeoutError('subscribing', 500, ['h:1', 'h:2']),
      'KeyspaceTimeoutError',
      'KEYSPACE_TIMEOUT',
      /^subscribing waited 500 ms in vain for h:1, h:2$/
    ],
    [
      new KeyspaceTimeoutError('subscribing', 500, ['h:1'], { cause }),
      'KeyspaceTimeoutError',
      'KEYSPACE_TIMEOUT',
      /^subscribing waited 500 ms in vain for h:1 \(NOPERM no\)$/
    ],
    [
      new KeyspaceTimeoutError('the fence', 500, []),
      'KeyspaceTimeoutError',
      'KEYSPACE_TIMEOUT',
      /in vain for a primary for every slot$/
    ],
    [new KeyspaceClosedError('the client'), 'KeyspaceClosedError', 'KEYSPACE_CLOSED', /^the client is closed$/],
    [new KeyspaceUnsupportedError('cannot'), 'KeyspaceUnsupportedError', 'KEYSPACE_UNSUPPORTED', /^cannot$/]
  ];
  for (const [error, name, code, message] of ALL) {
    it(`${name} has its name, its code, and says: ${message.source.slice(0, 60)}`, () => {
      assert.ok(error instanceof KeyspaceError && error instanceof Error);
      assert.deepEqual([error.name, error.code], [name, code]);
      assert.match(error.message, message);
    });
  }

  it('keep what the server said as their cause', () => {
    const refused = new KeyspaceRefusedError('h:1', 'c', '&c', cause);
    assert.deepEqual([refused.cause, refused.node, refused.channel, refused.rule], [cause, 'h:1', 'c', '&c']);
    assert.equal(new KeyspaceTimeoutError('x', 1, [], { cause }).cause, cause);
    assert.equal(new KeyspaceArgumentError('a', 'b', 1, { cause }).cause, cause);
    assert.equal(new KeyspaceUnsupportedError('a', { cause }).cause, cause);
  });

  const QUOTED: readonly [value: unknown, text: string][] = [
    ['a"b', '"a\\"b"'],
    ['', '""'],
    [5, 'number 5'],
    [NaN, 'number NaN'],
    [10n, 'bigint 10'],
    [true, 'boolean true'],
    [undefined, 'undefined'],
    [null, 'object null'],
    [Buffer.from('k'), 'Buffer "k"'],
    [[], 'array []'],
    [['a', 1], 'array ["a", number 1]'],
    [{}, 'object with no keys'],
    [{ key: 1, prefix: 2 }, 'object with key, prefix'],
    [Symbol('s'), 'symbol Symbol(s)']
  ];
  for (const [value, text] of QUOTED) {
    it(`quote ${text}`, () => assert.equal(quote(value), text));
  }

  it('take the text of whatever was thrown', () => {
    assert.deepEqual([messageOf(new Error('x')), messageOf('y'), messageOf(undefined)], ['x', 'y', 'undefined']);
  });
});
