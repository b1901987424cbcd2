import { readClass, type ByteSet } from './glob-class';

const STAR = 0x2a;
const QUESTION = 0x3f;
const OPEN = 0x5b;
const CLOSE = 0x5d;
const BACKSLASH = 0x5c;
const DASH = 0x2d;

/**
 * How many stars that something follows a server's matcher nests before it gives up and says "no"
 * (Redis 6.2.16, 7.2.6, 7.4.1 and Valkey 7.2.7, 8.0.1, the answer to CVE-2024-31228).
 */
const MAX_NESTED_STARS = 1_000;

/** Takes the bytes `subject[start..end)`; without bounds, the whole of it. Never throws, keeps no state. */
export type GlobMatcher = (subject: Buffer, start?: number, end?: number) => boolean;

/**
 * Makes a pattern that matches exactly these bytes.
 *
 * Escapes `*`, `?`, `[` and `\` and nothing else: outside of a class `]`, `^` and `-` mean themselves to every
 * server, and a pattern must be minimal, for an ACL rule has to equal it byte for byte.
 * Returns its argument when there is nothing to escape.
 */
export function escapeGlob(bytes: Buffer): Buffer {
  let special = 0;
  for (const byte of bytes) {
    if (isSpecial(byte)) special++;
  }
  if (special === 0) return bytes;

  const escaped = Buffer.allocUnsafe(bytes.length + special);
  let at = 0;
  for (const byte of bytes) {
    if (isSpecial(byte)) escaped[at++] = BACKSLASH;
    escaped[at++] = byte;
  }
  return escaped;
}

/** Whether a text means more than itself as a pattern: it contains `*`, `?`, `[` or `\`. */
export function isGlob(text: string): boolean {
  return /[*?[\\]/.test(text);
}

function isSpecial(byte: number): boolean {
  return byte === STAR || byte === QUESTION || byte === OPEN || byte === BACKSLASH;
}

/**
 * Makes a pattern safe to be followed by more pattern: what its end leaves open is closed, with the same meaning.
 *
 * A server takes a last `\` as itself and ends an unterminated class at the end of the pattern (all versions);
 * with anything appended, both would swallow it. Returns its argument when nothing is open.
 */
export function closeGlob(pattern: Buffer): Buffer {
  let at = 0;
  while (at < pattern.length) {
    const byte = pattern[at];
    if (byte === BACKSLASH) {
      if (at + 1 === pattern.length) return Buffer.concat([pattern, Buffer.of(BACKSLASH)]);
      at += 2;
    } else if (byte === OPEN) {
      const { next, bareEnd } = readClass(pattern, at);
      if (next > pattern.length) return closeClass(pattern, bareEnd);
      at = next;
    } else {
      at++;
    }
  }
  return pattern;
}

/** `[a-` takes `a` and `-`, `[a\` takes `a` and `\`: a bare `]` behind them would make a range, or an escape. */
function closeClass(pattern: Buffer, bareEnd: boolean): Buffer {
  const last = pattern[pattern.length - 1];
  return bareEnd && (last === DASH || last === BACKSLASH)
    ? Buffer.concat([pattern.subarray(0, -1), Buffer.of(BACKSLASH, last, CLOSE)])
    : Buffer.concat([pattern, Buffer.of(CLOSE)]);
}

/** One step of a compiled pattern: a byte, any byte (`ANY`), or the index of a class (`CLASS + index`). */
const ANY = 256;
const CLASS = 257;

interface Program {
  /** What stands between the stars, in order: n stars give n + 1 runs, of which any may be empty. */
  readonly runs: readonly (readonly number[])[];
  readonly classes: readonly ByteSet[];
}

/**
 * Compiles a pattern to a matcher that says what a server's PSUBSCRIBE matcher says of the same bytes, case
 * sensitive, whatever the bytes: reversed ranges, unterminated classes, a trailing backslash, runs of stars.
 *
 * Takes time in proportion to pattern x subject at the very worst, never exponential. Two deliberate differences:
 * - A bare `*` matches the empty subject. A server denies that of a whole channel name, but the subject here is
 *   the tail of a channel, behind `__keyspace@0__:`, and there the server's `*` does match nothing.
 * - A range across 0x80 takes what either kind of CPU takes (see `readClass`): better one too many than one lost.
 */
export function compileGlob(pattern: Buffer): GlobMatcher {
  const program = compile(pattern);
  const { runs, classes } = program;
  const stars = runs.length - 1;
  const plain = runs.every(run => run.every(step => step < ANY));

  if (stars === 0) {
    return plain
      ? literalMatcher(runs[0])
      : (subject, start = 0, end = subject.length) =>
          end - start === runs[0].length && matchesRun(runs[0], classes, subject, start);
  }
  if (stars - (runs[stars].length === 0 ? 1 : 0) > MAX_NESTED_STARS) return () => false;
  if (stars === 1 && runs[0].length === 0 && runs[1].length === 0) return () => true;
  if (stars === 1 && plain && runs[1].length === 0) return prefixMatcher(runs[0]);
  return starMatcher(program);
}

function literalMatcher(run: readonly number[]): GlobMatcher {
  const literal = Buffer.from(run);
  return (subject, start = 0, end = subject.length) => {
    if (end - start !== literal.length) return false;
    for (let i = 0; i < literal.length; i++) {
      if (subject[start + i] !== literal[i]) return false;
    }
    return true;
  };
}

function prefixMatcher(run: readonly number[]): GlobMatcher {
  const prefix = Buffer.from(run);
  return (subject, start = 0, end = subject.length) => {
    if (end - start < prefix.length) return false;
    for (let i = 0; i < prefix.length; i++) {
      if (subject[start + i] !== prefix[i]) return false;
    }
    return true;
  };
}

/** The first run is anchored at the start, the last at the end; each other one takes its first place that fits. */
function starMatcher({ runs, classes }: Program): GlobMatcher {
  const first = runs[0];
  const last = runs[runs.length - 1];
  return (subject, start = 0, end = subject.length) => {
    if (end - start < first.length + last.length) return false;
    if (!matchesRun(first, classes, subject, start)) return false;
    const limit = end - last.length;
    if (!matchesRun(last, classes, subject, limit)) return false;
    let at = start + first.length;
    for (let i = 1; i < runs.length - 1; i++) {
      const run = runs[i];
      while (at + run.length <= limit && !matchesRun(run, classes, subject, at)) at++;
      at += run.length;
      if (at > limit) return false;
    }
    return true;
  };
}

function matchesRun(run: readonly number[], classes: readonly ByteSet[], subject: Buffer, at: number): boolean {
  for (let i = 0; i < run.length; i++) {
    const step = run[i];
    if (step < ANY) {
      if (subject[at + i] !== step) return false;
    } else if (step >= CLASS && classes[step - CLASS][subject[at + i]] === 0) {
      return false;
    }
  }
  return true;
}

function compile(pattern: Buffer): Program {
  const classes: ByteSet[] = [];
  let run: number[] = [];
  const runs = [run];
  let at = 0;
  while (at < pattern.length) {
    const byte = pattern[at];
    if (byte === STAR) {
      while (pattern[at] === STAR) at++;
      runs.push((run = []));
    } else if (byte === OPEN) {
      const { next, set } = readClass(pattern, at);
      run.push(CLASS + classes.push(set) - 1);
      at = next;
    } else if (byte === QUESTION) {
      run.push(ANY);
      at++;
    } else {
      if (byte === BACKSLASH && at + 1 < pattern.length) at++;
      run.push(pattern[at++]);
    }
  }
  return { runs, classes };
}
