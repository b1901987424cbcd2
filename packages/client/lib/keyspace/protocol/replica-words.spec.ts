import assert from 'node:assert/strict';
import { AMBIGUOUS_WORDS, meansTheSame } from './replica-words';

describe('the words of a replica', () => {
  const PAIRS: readonly (readonly [command: string, primary: string, replica: string])[] = [
    ['a key that expires', 'expired', 'del'],
    ['a key that is evicted', 'evicted', 'del'],
    ['INCRBYFLOAT', 'incrbyfloat', 'set'],
    ['SPOP', 'spop', 'srem'],
    ['a field that expires', 'hexpired', 'hdel'],
    ['HINCRBYFLOAT', 'hincrbyfloat', 'hset']
  ];
  for (const [command, primary, replica] of PAIRS) {
    it(`are ${replica} for ${primary}, by ${command}`, () => {
      assert.equal(meansTheSame(primary, replica), true);
      assert.equal(meansTheSame(replica, primary), false);
    });
  }

  it('are most often those of its primary', () => {
    for (const event of ['set', 'del', 'expire', 'xadd', 'restore']) assert.equal(meansTheSame(event, event), true);
    assert.equal(meansTheSame('set', 'del'), false);
  });

  it('are in doubt where one may well stand for another', () => {
    for (const word of AMBIGUOUS_WORDS)
      assert.ok(
        PAIRS.some(([, , replica]) => replica === word),
        word
      );
    assert.deepEqual(
      ['del', 'srem', 'hdel', 'set', 'expire'].map(word => AMBIGUOUS_WORDS.has(word)),
      [true, true, true, false, false]
    );
  });
});
