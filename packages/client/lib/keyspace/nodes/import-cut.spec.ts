import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Message } from '../delivery/dispatcher';
import { parseNotification } from '../protocol';
import { cutImport } from './import-cut';
import { printOf } from './word';

const EVENTS: Readonly<Record<string, string>> = { '': 'set', '!': 'expired', '+': 'expire', '?': 'keymiss' };
/** `a` is a `set` of the key `a`, `a!` an `expired`, `a+` an `expire`, `a?` a `keymiss`. */
const messagesOf = (text: string): Message[] =>
  [...text.matchAll(/(.)([!+?]?)/g)].map(([, key, event]) => {
    const payload = Buffer.from(EVENTS[event]);
    return { notification: parseNotification(Buffer.from(`__keyspace@0__:${key}`), payload) } as unknown as Message;
  });
const printsOf = (text: string) => messagesOf(text).map(printOf);

interface Case {
  /** What the source said since the import may have begun, in order. */
  readonly said?: string;
  /** The last of that, which it said when the import had surely begun, and so much of it had been heard. */
  readonly live?: string;
  readonly after?: number;
  /** The keys that it had. @default those that it said */
  readonly had?: string;
  /** What is known to be the import. */
  readonly before?: string;
  /** So much of that had come when all data had been copied. */
  readonly copied?: number;
  /** What is said then: the import, and the new owner's own. */
  readonly imported?: string;
  readonly own?: string;
}

const cut = ({ said = '', live = '', after = 0, had = said, before = '', copied, imported = '', own = '' }: Case) =>
  cutImport({
    said: printsOf(said).reverse(),
    debts: [{ owed: live.length, after }],
    had: new Set(printsOf(had)),
    imported: printsOf(before),
    copied,
    messages: messagesOf(imported + own)
  });

describe('the cut of an import', () => {
  const CERTAIN: Readonly<Record<string, Case>> = {
    'is where the source ended': { said: 'xabc', imported: 'pqxabc', own: 'de' },
    'is there though what it said is written over at once': { said: 'ab', imported: 'kab', own: 'ka' },
    'is there when only its very last words are left': { said: 'abc', before: 'pqab', imported: 'c', own: 'de' },
    'is before all that is left when the source had ended before': { said: 'abc', before: 'pqabc', own: 'deq' },
    'is behind the copies of all keys that the source had': { said: 'ab', had: 'abpq', imported: 'apqb', own: 'a' },
    'is at the end when nobody wrote anything': { said: 'ab', imported: 'pqab' },
    'is before the first key that ran out': { had: 'pqr', imported: 'pqr', own: 'q!p' },
    'is before the first key that ran out, whatever the source said': { said: 'cd', imported: 'pcd', own: 'c!' },
    'is nowhere else when all was copied before': { copied: 0, own: 'pq' },
    'is nowhere else when what is said meanwhile came before too': { said: 'xa', before: 'pqxa', copied: 2, own: 'rq' },
    'is behind the live writes that follow the copy': { said: 'xabc', copied: 0, imported: 'abc', own: 'd' },
    'is behind the last of them': { said: 'xab', before: 'pa', copied: 1, imported: 'b', own: 'cd' },
    'is before all that is left when these were heard': { said: 'abc', before: 'abc', copied: 0, own: 'cd' },
    'is behind the first of a key that the source had, also when the others were copied before': {
      said: 'ab',
      had: 'pqab',
      before: 'pq',
      copied: 2,
      imported: 'ab',
      own: 'cd'
    },
    'is behind the copy of the last key that the source had': { had: 'pqr', imported: 'qarp' },
    'is behind the last word of that copy': { had: 'pqr', imported: 'qrpp+' },
    'is there too when something comes once more': { had: 'pqr', imported: 'qrp', own: 'ra' },
    'is behind what was said since it began, however little that is': {
      said: 'xa',
      live: 'a',
      imported: 'pqa',
      own: 'd'
    },
    'is there though the source had said the like before': { said: 'aba', live: 'ba', imported: 'xaba', own: 'a' },
    'is not behind a copy of that, since more keys have been copied later': {
      said: 'a',
      live: 'a',
      had: 'apqrs',
      imported: 'apqrsa',
      own: 'd'
    },
    'is behind what was said since it began when all was copied before too': {
      said: 'ba',
      live: 'ba',
      copied: 0,
      imported: 'ba',
      own: 'd'
    },
    'is not behind a copy of that, since all others have been copied later': {
      said: 'a',
      live: 'a',
      had: 'apq',
      imported: 'apqa'
    },
    'is before what the source has not said again': { said: 'a', live: 'a', had: 'apqr', imported: 'apqra', own: 'a' },
    'is not behind the copies of what was said since they were heard': {
      said: 'xab',
      live: 'ab',
      after: 3,
      before: 'pab',
      copied: 3,
      imported: 'ab',
      own: 'd'
    },
    'does not depend on reads': { said: 'ab', live: 'b', imported: 'pb', own: 'b?' },
    'is at the end of nothing': {}
  };
  for (const [title, draft] of Object.entries(CERTAIN)) {
    it(title, () => assert.deepEqual(cut(draft), { end: messagesOf(draft.imported ?? '').length, isCertain: true }));
  }

  const UNCERTAIN: Readonly<Record<string, Case>> = {
    'takes all when the source is silent': { imported: 'pqr' },
    'takes all when only copies are alike': { said: 'p', had: 'pq', imported: 'pqr' },
    'takes nothing that comes once more when the source is silent': { imported: 'pqr', own: 'qa' },
    'takes nothing that came before either': { before: 'pq', imported: 'r', own: 'qa' },
    'takes another word of the key that was copied last for a copy': { had: 'pq', imported: 'pqq' },
    'takes the one word of the source that comes last for its last': {
      said: 'a',
      had: 'ap',
      imported: 'pqa',
      own: 'de'
    },
    'takes what comes once more for the last word of the source': {
      said: 'a',
      had: 'apq',
      imported: 'apqa',
      own: 'd'
    },
    'does not trust two words that the new owner may have said by chance': {
      said: 'ab',
      had: 'abp',
      imported: 'bpaab',
      own: ''
    },
    'does not trust them behind the copy either': { said: 'xab', copied: 0, imported: 'ab', own: 'cd' },
    'trusts the words of the source more than its keys': { said: 'abc', had: 'abcp', imported: 'qabc', own: 'xp' },
    'cannot tell the last word of the source from the same of the new owner': {
      said: 'aa',
      live: 'a',
      had: 'apqr',
      imported: 'apqraa'
    },
    'takes nothing more when what followed the copy is not what the source said': {
      said: 'ab',
      before: 'pxx',
      copied: 1,
      own: 'c'
    },
    'takes the first of what is as likely': { said: 'a', had: 'ap', before: 'p', imported: 'a', own: 'aa' }
  };
  for (const [title, draft] of Object.entries(UNCERTAIN)) {
    it(`${title}, and says so`, () =>
      assert.deepEqual(cut(draft), { end: messagesOf(draft.imported ?? '').length, isCertain: false }));
  }

  it('is found wherever it is, when each key is written once and three of them while it lasts', () => {
    const letters = fc.uniqueArray(fc.constantFrom(...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'), {
      minLength: 12,
      maxLength: 52
    });
    const sizes = fc.record({ live: fc.integer({ min: 3, max: 6 }), own: fc.nat(4), heard: fc.nat(20) });
    fc.assert(
      fc.property(letters, sizes, fc.boolean(), (keys, { live, own, heard }, copied) => {
        const saidLive = keys.slice(0, live);
        const ownKeys = keys.slice(live, live + own);
        const copies = copied ? [] : keys.slice(live + own);
        const stream = [...copies, ...saidLive];
        const from = Math.min(heard, stream.length);
        const found = cut({
          said: saidLive.join(''),
          had: [...copies, ...saidLive].join(''),
          before: stream.slice(0, from).join(''),
          copied: copied ? 0 : undefined,
          imported: stream.slice(from).join(''),
          own: ownKeys.join('')
        });
        assert.deepEqual(found, { end: stream.length - from, isCertain: true });
      })
    );
  });

  it('is never found elsewhere by what was said since it began, however often the same keys are written', () => {
    const hot = fc.array(fc.constantFrom('x', 'y'), { maxLength: 6 });
    const copies = fc.shuffledSubarray([...'abcdefxy'], { minLength: 6 });
    const livePart = fc.record({ live: hot, surely: fc.nat(6), own: hot, heard: fc.nat(14) });
    fc.assert(
      fc.property(copies, livePart, fc.boolean(), (keys, { live, surely, own, heard }, copied) => {
        const owed = live.slice(Math.max(0, live.length - surely)).join('');
        fc.pre(owed !== '');
        const stream = [...(copied ? [] : keys), ...live];
        const from = Math.min(heard, stream.length);
        const found = cut({
          // Before it began the source has said anything.
          said: ['y', 'x', 'y', ...live].join(''),
          live: owed,
          had: [...keys, ...live].join(''),
          before: stream.slice(0, from).join(''),
          copied: copied ? 0 : undefined,
          imported: stream.slice(from).join(''),
          own: own.join('')
        });
        if (found.isCertain) assert.equal(found.end, stream.length - from);
      })
    );
  });
});
