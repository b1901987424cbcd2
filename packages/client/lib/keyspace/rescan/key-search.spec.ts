import assert from 'node:assert/strict';
import { parseKeyTarget } from '../plan/target';
import { searchOf } from './key-search';

const search = (targets: readonly unknown[] | undefined, prefix = '') =>
  searchOf({ keys: targets?.map(target => parseKeyTarget(target, 'target')), prefix: Buffer.from(prefix) });
const texts = (items: readonly (Buffer | undefined)[]) => items.map(item => item?.toString());

describe('searchOf', () => {
  it('asks for exact keys by name, and for all others by one pass each', () => {
    const { exact, passes } = search(['a', 'b*', { prefix: 'c[' }, Buffer.of(0xff), { pattern: 'd?' }]);
    assert.deepEqual(exact, [Buffer.from('a'), Buffer.of(0xff)]);
    assert.deepEqual(texts(passes.map(({ match }) => match)), ['b*', 'c\\[*', 'd?']);
  });

  it('puts the keyPrefix in front as plain bytes', () => {
    const { exact, passes } = search(['a', 'b*'], 'p*:');
    assert.deepEqual(texts(exact), ['p*:a']);
    assert.deepEqual(texts(passes.map(({ match }) => match)), ['p\\*:b*']);
  });

  it('finds all keys when no keys are named, of a keyPrefix all that begin with it', () => {
    assert.equal(search(undefined).passes[0].match, undefined);
    assert.deepEqual(texts(search(undefined, 'p?').passes.map(({ match }) => match)), ['p\\?*']);
  });

  it('lets one target tell what several match', () => {
    const { passes } = search(['user:*', 'user:1*', '*:1', 'user:12', 'user:*']);
    const telling = (key: string) => passes.filter(({ accepts }) => accepts(Buffer.from(key))).length;
    assert.equal(passes.length, 3);
    for (const key of ['user:1', 'user:13', 'x:1', 'user:2']) assert.equal(telling(key), 1, key);
    assert.equal(telling('user:12'), 0, 'asked for by name');
    assert.equal(telling('x:2'), 0);
  });
});
