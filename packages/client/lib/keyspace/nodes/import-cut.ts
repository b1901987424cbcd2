import type { Message } from '../delivery/dispatcher';
import { lengthsAlike } from './splice';
import { wordsOf, type Word } from './word';

/** What is known of an atomic import (Redis 8.4+, Valkey 9) that has ended, of some slots of one source. */
export interface EndedImport {
  /** Prints of what the source said since it may have begun, the very last first. */
  readonly said: readonly number[];
  /** What the source has surely said while it went on: it ends with that, in order. */
  readonly debts: readonly ImportDebt[];
  /** Prints of keys that the source had at last, as far as is remembered: if that is right, each of them is copied. */
  readonly had: ReadonlySet<number>;
  /** Prints of what is known to be the import. */
  readonly imported: readonly number[];
  /** Behind how many of these all data had been copied, and only live writes follow; undefined when that is not known. */
  readonly copied: number | undefined;
  /** What may be the rest of the import, or the new owner's own, in order. */
  readonly messages: readonly Message[];
}

export interface ImportDebt {
  /** So many words of the source, the last, */
  readonly owed: number;
  /** were said when so much of the import had been heard, and come behind that. */
  readonly after: number;
}

export interface ImportCut {
  /** How many of the messages are the import. */
  readonly end: number;
  /** Otherwise something after its end may be taken for a part of it. */
  readonly isCertain: boolean;
}

/** An import says none of these: the source has said so, and sends `del` or `hdel`. */
const OWN_WORDS: ReadonlySet<string> = new Set(['expired', 'hexpired', 'evicted']);
/** With these the copy of a key ends. */
const LAST_WORDS: ReadonlySet<string> = new Set(['expire', 'hexpire']);
/** So many keys are said alike in the same order, once in a copy of them, by no chance. */
const PROOF = 3;

/**
 * An import is first a copy of each key, once, in no order, then what the source said meanwhile, in that order,
 * to its very last word. What the new owner says of its own begins right behind.
 */
export function cutImport(ended: EndedImport): ImportCut {
  const { said, debts, had, imported, copied, messages } = ended;
  const own = messages.findIndex(({ notification: { event } }) => OWN_WORDS.has(event));
  const words = wordsOf(own === -1 ? messages : messages.slice(0, own));
  const prints = [...imported, ...words.map(({ print }) => print)];
  const lengths = lengthsAlike(said, prints);
  const { news, areAll } = firsts(prints, had);
  const from = Math.max(imported.length, copied ?? news.at(-PROOF) ?? 0);
  // Before what the source has said as well there is nothing but copies, of each key one.
  const live = copied ?? firstRepeated(prints);
  const possible = lengths.flatMap((length, end) => (end >= from && end - length <= live ? end : []));
  const paid = possible.filter(end =>
    debts.every(({ owed, after }) => !owed || (lengths[end] >= owed && end - owed >= after))
  );
  const { end, isCertain } = choose(paid.length ? paid : possible, news.at(-1) ?? 0);
  return { end: words[end - imported.length - 1]?.end ?? 0, isCertain };

  function choose(ends: readonly number[], complete: number): ImportCut {
    if (!ends.length) return { end: copied === undefined ? prints.length : from, isCertain: false };
    const best = longest(ends);
    if (new Set(said.slice(0, lengths[best])).size >= PROOF) return { end: best, isCertain: best >= complete };
    // What the source had is copied before the end.
    const covered = ends.filter(end => end >= complete);
    const [least, most] = [covered[0], covered.at(-1)];
    if (least === undefined || most === undefined) return { end: best, isCertain: false };
    const isProven = areAll || covered.length === ends.length;
    if (least === most || isOneCopy(least, most)) return { end: most, isCertain: isProven };
    const likeliest = longest(covered);
    return { end: lengths[likeliest] || copied !== undefined ? likeliest : most, isCertain: false };
  }

  /** The first of those with the most before it that is alike. */
  function longest(ends: readonly number[]): number {
    return ends.reduce((best, end) => (lengths[end] > lengths[best] ? end : best));
  }

  /** Does nothing follow but the rest of the copy of one key? */
  function isOneCopy(from: number, to: number): boolean {
    const rest: readonly Word[] = words.slice(from - imported.length, to - imported.length);
    return from > 0 && rest.every(({ print, event }) => print === prints[from - 1] && LAST_WORDS.has(event));
  }
}

/**
 * Behind the first of each of these keys: the source had them, so they were copied. If one of them is not said at all,
 * keys have vanished unheard, or not all of the copy has been heard: then what is remembered proves nothing.
 */
function firsts(prints: readonly number[], keys: ReadonlySet<number>): { news: number[]; areAll: boolean } {
  const missing = new Set(keys);
  const news = prints.flatMap((print, index) => (missing.delete(print) ? index + 1 : []));
  return { news, areAll: !missing.size };
}

/** Where a key comes again after another. */
function firstRepeated(prints: readonly number[]): number {
  const seen = new Set<number>();
  const index = prints.findIndex((print, at) => {
    if (print === prints[at - 1] || !seen.has(print)) {
      seen.add(print);
      return false;
    }
    return true;
  });
  return index === -1 ? prints.length : index;
}
