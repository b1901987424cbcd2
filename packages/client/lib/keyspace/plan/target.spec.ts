import assert from 'node:assert/strict';
import { KeyspaceArgumentError } from '../errors';
import { parseEventTarget, parseKeyTarget, parseTargets, prefixTarget, type Target } from './target';

const key = (target: unknown) => parseKeyTarget(target, 'target');
const matches = (target: Target, text: string) => {
  const bytes = Buffer.from(`<${text}>`, 'latin1');
  return target.matches(bytes, 1, bytes.length - 1);
};
const partOf = ({ part }: Target) =>
  'literal' in part ? `=${part.literal.toString('latin1')}` : `~${part.glob.toString('latin1')}`;

describe('key target', () => {
  const CASES: readonly [target: unknown, part: string, yes: string, no: string][] = [
    ['user:1', '=user:1', 'user:1', 'user:10'],
    ['', '=', '', 'x'],
    ['user:*', '~user:*', 'user:', 'use'],
    ['a?', '~a?', 'ab', 'a'],
    ['[ab]', '~[ab]', 'b', '[ab]'],
    ['a\\*', '~a\\*', 'a*', 'ab'],
    [Buffer.from('a*'), '=a*', 'a*', 'ab'],
    [Buffer.from('\xff\0', 'latin1'), '=\xff\0', '\xff\0', '\xff'],
    [{ key: 'a*' }, '=a*', 'a*', 'ab'],
    [{ key: Buffer.from('\xff', 'latin1') }, '=\xff', '\xff', '\xfe'],
    [{ prefix: 'a*' }, '~a\\**', 'a*b', 'ab'],
    [{ prefix: '' }, '~*', 'anything', undefined as never],
    [{ prefix: Buffer.from('[\xff', 'latin1') }, '~\\[\xff*', '[\xff1', '\xff'],
    [{ pattern: 'plain' }, '~plain', 'plain', 'plain1'],
    [{ pattern: Buffer.from('\xff*', 'latin1') }, '~\xff*', '\xff\xfe', 'x']
  ];
  for (const [target, part, yes, no] of CASES) {
    it(`reads ${JSON.stringify(target)} as ${JSON.stringify(part)}`, () => {
      const parsed = key(target);
      assert.equal(partOf(parsed), part);
      assert.equal(matches(parsed, yes), true);
      if (no !== undefined) assert.equal(matches(parsed, no), false);
    });
  }

  it('has one id for one meaning, and another for the same bytes as a pattern', () => {
    assert.equal(key('a').id, key({ key: Buffer.from('a') }).id);
    assert.equal(key('a*').id, key({ prefix: 'a' }).id);
    assert.notEqual(key({ key: 'a*' }).id, key({ pattern: 'a*' }).id);
  });

  it('does not follow a Buffer that its owner changes later', () => {
    const bytes = Buffer.from('abc');
    const target = key(bytes);
    bytes.fill(0x78);
    assert.ok(matches(target, 'abc'));
    assert.equal(partOf(target), '=abc');
  });

  const WRONG = [
    undefined,
    null,
    1,
    true,
    {},
    [],
    { key: 1 },
    { key: 'a', prefix: 'b' },
    { name: 'a' },
    new Uint8Array(2)
  ];
  for (const target of WRONG) {
    it(`refuses ${JSON.stringify(target)}`, () => {
      assert.throws(() => key(target), {
        name: 'KeyspaceArgumentError',
        code: 'KEYSPACE_ARGUMENT',
        argument: 'target'
      });
    });
  }
});

describe('event target', () => {
  it('is a name, or a glob over names', () => {
    assert.equal(partOf(parseEventTarget('expired', 'event')), '=expired');
    assert.equal(partOf(parseEventTarget('h*', 'event')), '~h*');
  });

  for (const event of ['', undefined, null, 7, Buffer.from('set'), {}]) {
    it(`refuses ${JSON.stringify(event)}`, () => {
      assert.throws(() => parseEventTarget(event, 'event'), KeyspaceArgumentError);
    });
  }
});

describe('several targets', () => {
  it('are taken in their order, a repeated one each time: the registry wants it once', () => {
    const targets = parseTargets(['b', 'a*', { key: 'b' }, { prefix: 'a' }], 'target', parseKeyTarget);
    assert.deepEqual(
      targets.map(({ id }) => id),
      ['=b', '~a*', '=b', '~a*']
    );
    assert.equal(parseTargets('b', 'target', parseKeyTarget).length, 1);
  });

  it('are refused when there are none, or one is wrong, by its place', () => {
    assert.throws(
      () => parseTargets([], 'target', parseKeyTarget),
      /target must be at least one target, got array \[\]/
    );
    assert.throws(() => parseTargets(['a', 5], 'target', parseKeyTarget), /target\[1\] must be .*got number 5/);
  });
});

describe('a target behind a key prefix', () => {
  it('keeps its id, and takes the prefix as plain bytes', () => {
    const prefix = Buffer.from('app*:');
    const exact = prefixTarget(key('a'), prefix);
    const glob = prefixTarget(key('a*'), prefix);
    assert.deepEqual([partOf(exact), exact.id], ['=app*:a', '=a']);
    assert.deepEqual([partOf(glob), glob.id], ['~app\\*:a*', '~a*']);
    assert.ok(matches(glob, 'app*:ab'));
    assert.ok(!matches(glob, 'appx:ab'));
  });

  it('is itself without a prefix', () => {
    const target = key('a');
    assert.equal(prefixTarget(target, Buffer.alloc(0)), target);
  });
});
