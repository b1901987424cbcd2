import assert from 'node:assert/strict';
import { parseArguments, UsageError } from './arguments';

describe('the arguments of the observable example', () => {
  it('has defaults for everything', () => {
    assert.deepEqual(parseArguments([]), { urls: undefined, interval: 1_000, count: Infinity });
  });

  it('takes three nodes, an interval and a count', () => {
    const urls = ['redis://a', 'redis://b:7000', 'rediss://c'];
    const argv = [...urls.flatMap(url => ['--url', url]), '--interval', '250ms', '--count=3'];
    assert.deepEqual(parseArguments(argv), { urls, interval: 250, count: 3 });
  });

  for (const help of ['--help', '-h']) {
    it(`shows the help for ${help}`, () => assert.equal(parseArguments([help]), undefined));
  }

  const WRONG: [argv: string[], quoted: string][] = [
    [['--wrong'], '--wrong'],
    [['stray'], 'stray'],
    [['--url', 'redis://a'], 'got 1'],
    [['--url', 'http://a'], '"http://a"'],
    [['--interval', '5'], '"5"'],
    [['--interval', '0s'], '"0s"'],
    [['--count', '0'], '"0"'],
    [['--count', 'many'], '"many"']
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
