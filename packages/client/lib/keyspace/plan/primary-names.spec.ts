import assert from 'node:assert/strict';
import { PrimaryNames } from './primary-names';

describe('names of what only primaries say', () => {
  it('are channels of events, the same objects for the same databases', () => {
    const names = new PrimaryNames<unknown>();
    const first = [...names.of([0, 0])];
    assert.deepEqual(
      first.map(({ text, pattern }) => [text, pattern]),
      ['expired', 'evicted', 'hexpired', 'spop', 'incrbyfloat', 'hincrbyfloat'].map(word => [
        `__keyevent@0__:${word}`,
        false
      ])
    );
    const both = [...names.of([2, 0])];
    assert.equal(both.length, 12);
    assert.ok(first.every(want => both.includes(want)));
    assert.deepEqual([...names.of([])], []);
  });

  it('are patterns for all databases', () => {
    const [{ text, pattern }] = new PrimaryNames<unknown>().of(['all']);
    assert.deepEqual([text, pattern], ['__keyevent@*__:expired', true]);
  });

  it('are known by what the server calls them', () => {
    const names = new PrimaryNames<unknown>();
    names.of([0, 'all']);
    const has = (channel: string, pattern?: string) =>
      names.has(pattern === undefined ? undefined : Buffer.from(pattern), Buffer.from(channel));
    assert.deepEqual(
      [
        has('__keyevent@0__:expired'),
        has('__keyevent@1__:expired'),
        has('__keyevent@1__:expired', '__keyevent@*__:expired'),
        has('__keyevent@0__:expired', '__keyevent@0__:*')
      ],
      [true, false, true, false]
    );
  });
});
