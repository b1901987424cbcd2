import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Message } from '../delivery/dispatcher';
import { parseNotification } from '../protocol';
import { printOf } from './history';
import { cutImport } from './import-cut';

/** `a` is a `set` of the key `a`, `a!` an `expired`. */
const messagesOf = (text: string): Message[] =>
  [...text.matchAll(/(.)(!?)/g)].map(([, key, expired]) => {
    const event = Buffer.from(expired ? 'expired' : 'set');
    return { notification: parseNotification(Buffer.from(`__keyspace@0__:${key}`), event) } as unknown as Message;
  });
const printsOf = (text: string) => messagesOf(text).map(printOf);

interface Case {
  /** What the source said since the import may have begun, in order. */
  readonly said?: string;
  /** The keys that it had. @default those that it said */
  readonly had?: string;
  /** What the target said before. */
  readonly before?: string;
  readonly copied?: boolean;
  readonly endedFor?: number;
  /** What it says: the import, and its own. */
  readonly imported?: string;
  readonly own?: string;
}

const cut = ({ said = '', had = said, before = '', copied = false, endedFor = 50, imported = '', own = '' }: Case) =>
  cutImport({
    said: printsOf(said).reverse(),
    had: new Set(printsOf(had)),
    imported: printsOf(before),
    messages: messagesOf(imported + own),
    isCopied: copied,
    endedFor
  });

describe('the cut of an import', () => {
  const CERTAIN: Readonly<Record<string, Case>> = {
    'is where the source ended': { said: 'xabc', imported: 'pqxabc', own: 'de' },
    'is there though what it said is written over at once': { said: 'ab', imported: 'kab', own: 'ka' },
    'is there when only its very last words are left': { said: 'abc', before: 'pqab', imported: 'c', own: 'de' },
    'is before all that is left when the source had ended before': { said: 'abc', before: 'pqabc', own: 'deq' },
    'is behind the copies of all keys that the source had': { said: 'ab', had: 'abpq', imported: 'apqb', own: 'a' },
    'is at the end when nobody wrote anything': { said: 'ab', imported: 'pqab' },
    'is where nobody can have written since': { endedFor: 5, imported: 'pqr' },
    'is before the first key that ran out': { endedFor: 2, imported: 'pqr', own: 'q!p' },
    'is before the first key that ran out, whatever the source said': { said: 'cd', imported: 'pcd', own: 'c!' },
    'is nowhere else when all was copied before': { copied: true, before: '', own: 'pq' },
    'is behind the live writes that follow the copy': { said: 'xab', copied: true, imported: 'ab', own: 'cd' },
    'is behind a single one of them': { said: 'a', copied: true, imported: 'a', own: 'cd' },
    'is before all that is left when these were heard': { said: 'ab', copied: true, before: 'ab', own: 'cd' },
    'is at the end when only copies are alike, and the last of them': { said: 'p', had: 'pqr', imported: 'pqrr' },
    'is behind the copy of the last key that the source had': { had: 'pqr', imported: 'qarp' },
    'is there too when something comes once more': { had: 'pqr', imported: 'qrp', own: 'ra' },
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
    'takes the several copies of one word for one': { imported: 'ppqqr' },
    'takes the one word of the source that comes last for its last': {
      said: 'a',
      had: 'ap',
      imported: 'pqa',
      own: 'de'
    },
    'takes what comes once more for the last word of the source': { said: 'a', had: 'apq', imported: 'apqa', own: 'd' },
    'does not trust two words that the new owner may have said by chance': {
      said: 'ab',
      had: 'abp',
      imported: 'bpaab',
      own: ''
    },
    'trusts the words of the source more than its keys': { said: 'abc', had: 'abcp', imported: 'qabc', own: 'xp' },
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
          copied,
          imported: stream.slice(from).join(''),
          own: ownKeys.join('')
        });
        assert.deepEqual(found, { end: stream.length - from, isCertain: true });
      })
    );
  });
});
