import type { Message } from '../delivery/dispatcher';
import { printOf } from './history';
import { lengthsAlike, splice } from './splice';

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
  const { said, imported, messages, had, isCopied } = ended;
  const own = messages.findIndex(({ notification: { event } }) => OWN_WORDS.has(event));
  const prints = [...imported, ...messages.slice(0, own === -1 ? messages.length : own).map(printOf)];
  const { end, isCertain } = isCopied ? cutLive(said, prints) : cutWhole(said, prints, had, ended.endedFor);
  return { end: Math.max(0, end - imported.length), isCertain };
}

/** Nothing is left of the copy. */
function cutLive(said: readonly number[], prints: readonly number[]): ImportCut {
  const { ends, length } = splice(said, prints);
  const end = ends[0] ?? 0;
  return { end, isCertain: length === end };
}

function cutWhole(
  said: readonly number[],
  prints: readonly number[],
  had: ReadonlySet<number>,
  endedFor: number
): ImportCut {
  const lengths = lengthsAlike(said, prints);
  const copied = lastNew(prints, had);
  const repeated = firstRepeated(prints);
  // Before what the source has said as well there is nothing but copies, of each key one.
  const possible = lengths.flatMap((length, end) => (end - length <= repeated ? end : []));
  const likeliest = (ends: readonly number[]) =>
    ends.reduce((best, end) => (lengths[end] > lengths[best] ? end : best), ends[0]);
  const best = likeliest(possible);
  if (new Set(said.slice(0, lengths[best])).size >= PROOF) return { end: best, isCertain: best >= copied };
  const covered = possible.filter(end => end >= copied);
  const [least, most] = [covered[0], covered.at(-1) ?? prints.length];
  if (least === most || endedFor <= AT_ONCE) return { end: most, isCertain: true };
  const end = likeliest(covered);
  if (lengths[end]) return { end, isCertain: false };
  return { end: most, isCertain: isRun(prints, least, most) };
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
