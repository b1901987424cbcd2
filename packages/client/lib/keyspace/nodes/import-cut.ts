import type { Message } from '../delivery/dispatcher';
import { printOf } from './history';
import { splice } from './splice';

/** What is known of an atomic import (Redis 8.4+, Valkey 9) that has ended, of some slots of one source. */
export interface EndedImport {
  /** Prints of what the source said since it may have begun, the very last first. */
  readonly said: readonly number[];
  /** Prints of the keys that the source had at last, as far as is remembered. */
  readonly had: ReadonlySet<number>;
  /** Prints of what is known to be the import: of all of it, or when `isCopied` of what came after the copy. */
  readonly imported: readonly number[];
  /** What may be the rest of the import, or the new owner's own, in order. */
  readonly messages: readonly Message[];
  /** All data had been copied before `messages`: of the import only live writes follow. */
  readonly isCopied: boolean;
  /** Milliseconds from its end to the last of `messages`, at most. */
  readonly endedFor: number;
}

export interface ImportCut {
  /** How many of the messages are the import. */
  readonly end: number;
  /** Otherwise something after its end may be taken for a part of it. */
  readonly isCertain: boolean;
}

/** An import says none of these: the source has said so, and sends `del` or `hdel`. */
const OWN_WORDS: ReadonlySet<string> = new Set(['expired', 'hexpired', 'evicted']);
/** Milliseconds: the source sends its clients away when it has learned of the end, and they write then. */
const AT_ONCE = 5;
/** So many keys are said alike in the same order, once in a copy of them, by no chance. */
const PROOF = 3;

/**
 * An import is first a copy of each key, once, in no order, then what the source said meanwhile, in that order,
 * to its very last word. What the new owner says of its own begins right behind.
 */
export function cutImport(ended: EndedImport): ImportCut {
  const { said, imported, messages, isCopied } = ended;
  const own = messages.findIndex(({ notification: { event } }) => OWN_WORDS.has(event));
  const limit = own === -1 ? messages.length : own;
  const prints = [...imported, ...messages.slice(0, limit).map(printOf)];
  const { ends, length, keys } = splice(said, prints);
  const copied = isCopied ? 0 : lastNew(prints, ended.had);
  const least = keys >= PROOF ? 0 : copied;
  const possible = ends.filter(end => end >= least);
  if (possible.length) {
    const isCertain = isCopied ? length === possible[0] : keys > 1 || possible.length === 1;
    return { end: Math.max(0, possible[0] - imported.length), isCertain };
  }
  if (isCopied) return { end: 0, isCertain: true };
  // Without a word of the source all of it is a copy: what comes once more is not.
  const repeated = said.length ? prints.length : firstRepeated(prints);
  const end = Math.max(0, repeated - imported.length);
  return { end, isCertain: isRun(prints, copied, repeated) || end === 0 || ended.endedFor <= AT_ONCE };
}

/** Behind the first of each of these keys, as far as they are said: the source had them, so they were copied. */
function lastNew(prints: readonly number[], keys: ReadonlySet<number>): number {
  const missing = new Set(keys);
  let last = 0;
  prints.forEach((print, index) => {
    if (missing.delete(print)) last = index + 1;
  });
  return last;
}

/** Is there nothing but one key? Several names bring the same word, and a key may be copied by several commands. */
function isRun(prints: readonly number[], from: number, to: number): boolean {
  return from > 0 && prints.slice(from, to).every(print => print === prints[from - 1]);
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
