import assert from 'node:assert/strict';
import { nameId, Registry, type WantedName } from './registry';

const name = (text: string, pattern = false, slot?: number): WantedName => ({
  bytes: Buffer.from(text, 'latin1'),
  pattern,
  slot
});

describe('registry', () => {
  it('has one want for a name however many want it, and says which are new', () => {
    const registry = new Registry<string>();
    const first = registry.add('one', [name('x'), name('y')]);
    const second = registry.add('two', [name('x'), name('z')]);
    assert.deepEqual(
      first.added.map(({ text }) => text),
      ['x', 'y']
    );
    assert.deepEqual(
      second.added.map(({ text }) => text),
      ['z']
    );
    assert.equal(second.wants[0], first.wants[0]);
    assert.deepEqual(first.wants[0].subscribers, ['one', 'two']);
    assert.equal(registry.size, 3);
  });

  it('takes a name that is given twice once', () => {
    const registry = new Registry<string>();
    assert.equal(registry.add('one', [name('x'), name('x')]).wants.length, 1);
    assert.deepEqual(registry.channels.get('x')!.subscribers, ['one']);
  });

  it('tells a channel from a pattern of the same bytes', () => {
    const registry = new Registry<string>();
    const { wants } = registry.add('one', [name('x'), name('x', true)]);
    assert.deepEqual([registry.channels.size, registry.patterns.size, wants.length], [1, 1, 2]);
    assert.notEqual(wants[0].id, wants[1].id);
    assert.deepEqual(
      wants.map(({ id }) => id),
      [nameId(false, 'x'), nameId(true, 'x')]
    );
    assert.deepEqual([...registry], wants);
  });

  it('keeps bytes that are not UTF-8 apart', () => {
    const registry = new Registry<string>();
    registry.add('one', [name('\xff'), name('\xfe')]);
    assert.deepEqual([...registry.channels.keys()], ['\xff', '\xfe']);
  });

  it('gives up a name when the last who wanted it is gone, and not before', () => {
    const registry = new Registry<string>();
    const { wants } = registry.add('one', [name('x'), name('y')]);
    registry.add('two', [name('x')]);
    assert.deepEqual(registry.remove('one', wants), [wants[1]]);
    assert.deepEqual(registry.remove('one', wants), []);
    assert.deepEqual(registry.remove('two', wants), [wants[0]]);
    assert.equal(registry.size, 0);
  });

  it('makes a new want of a name that was given up', () => {
    const registry = new Registry<string>();
    const { wants } = registry.add('one', [name('x', true, 7)]);
    registry.remove('one', wants);
    const again = registry.add('one', [name('x', true, 7)]).wants;
    assert.notEqual(again[0], wants[0]);
    assert.deepEqual([again[0].id, again[0].slot], [wants[0].id, 7]);
  });
});
