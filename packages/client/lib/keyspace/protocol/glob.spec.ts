import assert from 'node:assert/strict';
import fc from 'fast-check';
import { closeGlob, compileGlob, escapeGlob, isGlob } from './glob';

const bytes = (text: string) => Buffer.from(text, 'latin1');
const matches = (pattern: string, subject: string) => compileGlob(bytes(pattern))(bytes(subject));

/** What breaks matchers, and few other bytes, so that random pairs often match. */
const HARD_BYTES = [...'**??[[]]\\\\^--aaabbcz'].map(char => char.charCodeAt(0)).concat(0x00, 0x0a, 0x7f, 0x80, 0xff);
const hardBytes = (maxLength: number) =>
  fc.array(fc.constantFrom(...HARD_BYTES), { maxLength }).map(values => Buffer.from(values));

describe('escapeGlob', () => {
  it('escapes * ? [ and \\ and nothing else', () => {
    assert.equal(escapeGlob(bytes('a*b?[c]\\^-')).toString('latin1'), 'a\\*b\\?\\[c]\\\\^-');
  });

  it('gives back what needs no escape', () => {
    const plain = bytes('user:{1}]^-\xff\0');
    assert.equal(escapeGlob(plain), plain);
  });

  it('makes a pattern that matches exactly these bytes', () => {
    fc.assert(
      fc.property(hardBytes(12), hardBytes(12), (literal, other) => {
        const matcher = compileGlob(escapeGlob(literal));
        assert.ok(matcher(literal));
        assert.equal(matcher(other), literal.equals(other));
      })
    );
  });
});

describe('isGlob', () => {
  for (const text of ['*', 'a?', '[', 'a\\']) {
    it(`takes ${text} for a pattern`, () => assert.ok(isGlob(text)));
  }
  for (const text of ['', 'user:1', 'a]', '^-{}']) {
    it(`takes '${text}' for itself`, () => assert.ok(!isGlob(text)));
  }
});

describe('closeGlob', () => {
  it('keeps the meaning of a pattern, and of what is appended', () => {
    fc.assert(
      fc.property(hardBytes(8), hardBytes(6), hardBytes(3), (pattern, subject, tail) => {
        const closed = closeGlob(pattern);
        assert.equal(compileGlob(closed)(subject), compileGlob(pattern)(subject));
        const appended = compileGlob(Buffer.concat([closed, escapeGlob(tail)]));
        if (compileGlob(pattern)(subject)) assert.ok(appended(Buffer.concat([subject, tail])));
        if (appended(subject)) assert.ok(subject.subarray(subject.length - tail.length).equals(tail));
      }),
      { numRuns: 2_000 }
    );
  });

  const CASES = [
    ['a\\', 'a\\\\'],
    ['[a', '[a]'],
    ['[', '[]'],
    ['[^', '[^]'],
    ['[a-', '[a\\-]'],
    ['[a\\', '[a\\\\]'],
    ['[\\-', '[\\-]'],
    ['[a--', '[a--]'],
    ['user:[1-9]*', 'user:[1-9]*']
  ];
  for (const [open, closed] of CASES) {
    it(`makes ${closed} of ${open}`, () => assert.equal(closeGlob(bytes(open)).toString('latin1'), closed));
  }
});

describe('compileGlob', () => {
  const CASES: readonly [pattern: string, taken: readonly string[], refused: readonly string[]][] = [
    ['', [''], ['a']],
    ['*', ['', 'a', '\0\n\xff'], []],
    ['user:*', ['user:', 'user:1', 'user:__:x'], ['user', 'xuser:1']],
    ['*:end', [':end', 'a:end:end'], [':end:', 'end']],
    ['a*b*c', ['abc', 'aXbXbXc'], ['ab', 'acb']],
    ['a?c', ['abc', 'a\nc'], ['ac', 'abbc']],
    ['[a-c]', ['a', 'b', 'c'], ['d', '-', 'B']],
    ['[c-a]', ['a', 'b', 'c'], ['d']],
    ['[^a]', ['b', '^'], ['a', '']],
    ['[]', [], ['', ']', 'a']],
    ['[^]', ['a', ']'], ['']],
    ['[', [], ['', '[']],
    ['[ab', ['a', 'b'], ['[', '[ab']],
    ['[a-', ['a', '-'], ['b']],
    ['[a-]', [']', 'a', '^'], ['-', 'b']],
    ['[\\]a]', [']', 'a'], ['\\']],
    ['a\\', ['a\\'], ['a']],
    ['\\*', ['*'], ['\\*', 'a']],
    ['\\a', ['a'], ['\\a']],
    ['A', ['A'], ['a']],
    ['***', ['', 'abc'], []]
  ];
  for (const [pattern, taken, refused] of CASES) {
    it(`reads ${pattern || 'the empty pattern'} as a server does`, () => {
      for (const subject of taken) assert.ok(matches(pattern, subject), `takes ${JSON.stringify(subject)}`);
      for (const subject of refused) assert.ok(!matches(pattern, subject), `refuses ${JSON.stringify(subject)}`);
    });
  }

  it('looks only at the bytes between start and end', () => {
    const subject = bytes('__user:1__');
    for (const pattern of ['user:1', 'user:?', 'user:*', '*', '*:1', 'u*r*1']) {
      assert.ok(compileGlob(bytes(pattern))(subject, 2, 8), pattern);
      assert.ok(pattern === '*' || !compileGlob(bytes(pattern))(subject), pattern);
    }
    assert.ok(!compileGlob(bytes('user:1*'))(subject, 2, 7));
  });

  it('takes what a server on either kind of CPU takes by a range across 0x80', () => {
    for (const subject of ['a', '\xff', 'A', '\xc0']) assert.ok(matches('[a-\xff]', subject));
  });

  it('is not slow on patterns made to be slow', () => {
    const subject = Buffer.alloc(20_000, 'a');
    assert.ok(!compileGlob(Buffer.from('*a'.repeat(900) + 'b'))(subject));
    assert.ok(!compileGlob(Buffer.from('*a?'.repeat(900) + '*b*'))(subject));
  });
});
