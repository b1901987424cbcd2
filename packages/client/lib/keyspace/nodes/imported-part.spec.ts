import assert from 'node:assert/strict';
import type { Message } from '../delivery/dispatcher';
import type { SlotRanges } from '../plan/slot-ranges';
import { parseNotification } from '../protocol';
import { History } from './history';
import type { RunningImport } from './import-trails';
import { importedPart } from './imported-part';
import type { Voice } from './voice';
import { printOf } from './word';

const said = (key: string) =>
  ({ notification: parseNotification(Buffer.from(`__keyspace@0__:${key}`), Buffer.from('set')) }) as unknown as Message;
const keyOf = ({ notification: { source, keyStart, keyEnd } }: Message) => source.toString('utf8', keyStart, keyEnd);

/** `5a` is a `set` of the key `a` in slot 5. */
const wordsOf = (text: string) =>
  text
    .split(' ')
    .filter(Boolean)
    .map(word => ({ slot: Number.parseInt(word), key: word.at(-1)! }));

/** A job of these slots: what its source said, what is known to be imported, and what is uncertain. */
function make({
  slots,
  source,
  imported = '',
  uncertain
}: Record<'source' | 'uncertain', string> & { slots: SlotRanges; imported?: string }) {
  const history = new History();
  for (const { slot, key } of wordsOf(source)) history.add(slot, said(key));
  const words = wordsOf(uncertain).map(({ slot, key }) => ({ slot, message: said(key) }));
  const target = {
    held: words.map(({ message }) => message),
    uncertain: () =>
      new Map(
        words.map(({ slot }) => [
          slot,
          { wasRefused: true, messages: words.filter(word => word.slot === slot).map(({ message }) => message) }
        ])
      )
  } as unknown as Voice;
  const running = {
    job: { sourceId: 's', slots },
    since: 0,
    fences: () => [],
    heard: (wanted: ReadonlySet<number>) => ({
      imported: wordsOf(imported).flatMap(({ slot, key }) => (wanted.has(slot) ? printOf(said(key)) : [])),
      copied: undefined
    })
  } as unknown as RunningImport;
  const voice = { history, roundTrip: 1 } as unknown as Voice;
  const { foreign, blurs } = importedPart(target, [], [running], { sourceOf: () => undefined, voiceOf: () => voice });
  return { foreign: [...foreign].map(keyOf).join(''), blurs };
}

describe('the imported part', () => {
  it('is cut by what the source said of any slot of the job, though only some are said of last', () => {
    const made = make({ slots: [[1, 3]], source: '1a 2b 1c', imported: '1x 1a', uncertain: '2b 1c 3k' });
    assert.deepEqual(made, { foreign: 'bc', blurs: [] });
  });

  it('is known to be over when the last that the source said came before, of another slot', () => {
    const made = make({ slots: [[1, 3]], source: '1a 2b 1c', imported: '3x 1a 2b 1c', uncertain: '3k 3l' });
    assert.deepEqual(made, { foreign: '', blurs: [] });
  });

  it('is all, and blurred, when the source was silent of all its slots', () => {
    const { foreign, blurs } = make({ slots: [[1, 3]], source: '9a', uncertain: '2k 3l' });
    assert.equal(foreign, 'kl');
    assert.deepEqual(
      blurs.map(blur => blur.slots),
      [[[2, 3]]]
    );
  });
});
