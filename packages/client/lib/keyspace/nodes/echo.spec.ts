import assert from 'node:assert/strict';
import type { Message } from '../delivery/dispatcher';
import { Echo } from './echo';

const messageOf = (text: string) => ({ text }) as unknown as Message;
const textsOf = (messages: readonly Message[]) =>
  messages.map(message => (message as unknown as { text: string }).text);

describe('the echo of a replica', () => {
  it('knows what was heard since when', () => {
    let now = 0;
    const echo = new Echo(() => ++now);
    for (const text of ['a', 'b', 'c']) echo.add(messageOf(text));
    assert.deepEqual([textsOf(echo.messages), echo.length], [['a', 'b', 'c'], 3]);
    assert.deepEqual(
      [0, 2, 3, 4].map(time => textsOf(echo.since(time)).join('')),
      ['abc', 'bc', 'c', '']
    );
    echo.clear();
    assert.deepEqual([echo.length, echo.since(0)], [0, []]);
  });

  it('is bounded: the older go first', () => {
    const echo = new Echo(() => 0);
    for (let count = 0; count < 250_000; count++) {
      echo.add(messageOf(String(count)));
      assert.ok(echo.length <= 100_000);
    }
    assert.ok(echo.length >= 50_000);
    assert.equal(textsOf(echo.messages).at(-1), '249999');
    assert.equal(echo.since(0).length, echo.length);
  });
});
