import assert from 'node:assert/strict';
import { parseArguments, UsageError } from './arguments';
import { parseServerUrl } from './server-url';

describe('parseArguments', () => {
  it('is the demonstration without arguments', () => {
    assert.deepEqual(parseArguments([]), { mode: 'demo' });
  });

  it('takes a URL, patterns and events', () => {
    const parsed = parseArguments(['--url', 'redis://a', '--pattern', 'b:*', '--pattern', 'c', '--event=expired']);
    assert.equal(parsed.mode, 'watch');
    assert.deepEqual('patterns' in parsed && [parsed.url.host, parsed.patterns, parsed.events], [
      'a',
      ['b:*', 'c'],
      ['expired']
    ]);
  });

  for (const help of ['--help', '-h']) {
    it(`shows the help for ${help}`, () => assert.deepEqual(parseArguments([help]), { mode: 'help' }));
  }

  const WRONG: [argv: string[], quoted: string][] = [
    [['--wrong'], '--wrong'],
    [['stray'], 'stray'],
    [['--url'], '--url'],
    [['--url', 'http://a'], '"http://a"'],
    [['--url', 'redis://'], '"redis://"'],
    [['--url', 'redis://a/b'], '"b"'],
    [['--pattern', 'a*'], '--pattern a*'],
    [['--event', 'del'], '--event del'],
    [['--url', 'redis://a', '--event', ''], '--event ""']
  ];
  for (const [argv, quoted] of WRONG) {
    it(`refuses ${JSON.stringify(argv.join(' '))} and quotes ${quoted}`, () => {
      assert.throws(
        () => parseArguments(argv),
        (error: Error) => error instanceof UsageError && error.message.includes(quoted)
      );
    });
  }
});

describe('parseServerUrl', () => {
  it('takes credentials, database and TLS, and never shows the password', () => {
    assert.deepEqual(parseServerUrl('rediss://a%40b:p%2Fw@host:7000/3'), {
      host: 'host',
      port: 7000,
      tls: true,
      username: 'a@b',
      password: 'p/w',
      database: 3,
      shown: 'rediss://a%40b@host:7000/3'
    });
  });

  it('takes an IPv6 address, and the default port', () => {
    const url = parseServerUrl('redis://[::1]');
    assert.deepEqual(typeof url === 'object' && [url.host, url.port, url.shown], ['::1', 6379, 'redis://[::1]:6379']);
  });
});
