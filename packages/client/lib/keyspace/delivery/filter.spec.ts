import assert from 'node:assert/strict';
import { parseEventTarget, parseKeyTarget } from '../plan/target';
import { parseNotification } from '../protocol';
import { makeFilter } from './filter';

const NO_BYTES = Buffer.alloc(0);
const heard = (event: string, key: string) =>
  parseNotification(Buffer.from(`__keyevent@0__:${event}`), Buffer.from(key))!;
const filter = ({ events, keys, prefix = '' }: { events?: string[]; keys?: string[]; prefix?: string }) =>
  makeFilter({
    events: events?.map(event => parseEventTarget(event, 'events')),
    keys: keys?.map(key => parseKeyTarget(key, 'keys')),
    prefix: Buffer.from(prefix)
  });

describe('filter', () => {
  it('is none at all when everything passes', () => {
    assert.equal(makeFilter({ events: undefined, keys: undefined, prefix: NO_BYTES }), undefined);
  });

  const CASES: readonly [asked: Parameters<typeof filter>[0], passes: readonly string[], stops: readonly string[]][] = [
    [{ events: ['set', 'h*'] }, ['set k', 'hset k', 'hdel k'], ['del k', 'sets k']],
    [{ keys: ['a', 'b*'] }, ['set a', 'set b', 'del bb'], ['set aa', 'set']],
    [{ prefix: 'p:' }, ['set p:a', 'set p:'], ['set a', 'set p', 'set']],
    [{ prefix: 'p:', keys: ['a'] }, ['set p:a'], ['set a', 'set p:b', 'set p:p:a']],
    [{ events: ['set'], keys: ['a'] }, ['set a'], ['del a', 'set b']]
  ];
  for (const [asked, passes, stops] of CASES) {
    it(`for ${JSON.stringify(asked)} lets ${passes.join(', ')} pass and not ${stops.join(', ')}`, () => {
      const test = filter(asked)!;
      const verdict = (text: string) => test(heard(text.split(' ')[0], text.split(' ')[1] ?? ''));
      // Twice, since verdicts on events are remembered.
      for (let round = 0; round < 2; round++) {
        assert.deepEqual(
          passes.map(verdict),
          passes.map(() => true)
        );
        assert.deepEqual(
          stops.map(verdict),
          stops.map(() => false)
        );
      }
    });
  }

  it('judges rightly however many names of events it has seen', () => {
    const test = filter({ events: ['e7*'] })!;
    for (let n = 0; n < 3_000; n++) assert.equal(test(heard(`e${n}`, 'k')), `${n}`.startsWith('7'));
  });
});
