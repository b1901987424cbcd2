import assert from 'node:assert/strict';
import { Command } from 'commander';
import { GivenOptions, InvalidValue, hidePasswords, quote } from './given-options';

function given(argv: readonly string[], env: Record<string, string> = {}): GivenOptions {
  const command = new Command()
    .option('--name <text>')
    .option('--list <text>', '', (text: string, previous?: string[]) => [...(previous ?? []), text])
    .option('--on')
    .option('--no-write')
    .exitOverride();
  command.parse([...argv], { from: 'user' });
  return new GivenOptions(command, env);
}

describe('GivenOptions', () => {
  it('takes the command line, then the environment, then nothing', () => {
    assert.equal(given(['--name', 'a'], { KEYSPACE_NAME: 'b' }).one('name', String), 'a');
    assert.equal(given([], { KEYSPACE_NAME: ' b ' }).one('name', String), 'b');
    assert.equal(given([], { KEYSPACE_NAME: '' }).one('name', String), undefined);
  });

  it('takes lists by repetition and by separator, from either source', () => {
    assert.deepEqual(given(['--list', 'a,b', '--list', 'c']).list('list', String, /,/), ['a', 'b', 'c']);
    assert.deepEqual(given([], { KEYSPACE_LIST: 'a b' }).list('list', String, /\s+/), ['a', 'b']);
    assert.equal(given([]).list('list', String, /,/), undefined);
  });

  it('knows switches, those that negate too', () => {
    assert.deepEqual([given([]).flag('on'), given([]).flag('noWrite')], [false, false]);
    const both = given(['--on', '--no-write']);
    assert.deepEqual([both.flag('on'), both.flag('noWrite')], [true, true]);
    for (const [text, expected] of [
      ['1', true],
      ['TRUE', true],
      ['on', true],
      ['0', false],
      ['no', false],
      ['', false]
    ] as const) {
      const { KEYSPACE_ON: _on, ...none } = { KEYSPACE_ON: text, KEYSPACE_NO_WRITE: text };
      assert.equal(given([], { KEYSPACE_ON: text }).flag('on'), expected);
      assert.equal(given([], none).flag('noWrite'), expected);
    }
  });

  it('says in an error where the value came from, and quotes it without a password', () => {
    const refuse = () => {
      throw new InvalidValue('must be better');
    };
    assert.throws(() => given(['--name', 'redis://u:p@h']).one('name', refuse), {
      name: 'UsageError',
      message: '--name "redis://u:***@h": must be better'
    });
    assert.throws(() => given([], { KEYSPACE_NAME: 'x' }).one('name', refuse), /^UsageError: KEYSPACE_NAME "x": must/);
  });
});

describe('hidePasswords', () => {
  for (const [text, shown] of [
    ['redis://user:secret@host:1/0', 'redis://user:***@host:1/0'],
    ['rediss://:s/e:c@r@et@host', 'rediss://:***@host'],
    ['user:secret@host', 'user:***@host'],
    ['redis://user@host', 'redis://user@host'],
    ['cannot parse redis://a:b@c now', 'cannot parse redis://a:***@c now'],
    ['user:*', 'user:*']
  ]) {
    it(`makes ${shown} of ${text}`, () => {
      assert.equal(hidePasswords(text), shown);
      assert.equal(quote(text), JSON.stringify(shown));
    });
  }
});
