const CLOSE = 0x5d;
const BACKSLASH = 0x5c;
const CARET = 0x5e;
const DASH = 0x2d;

/** For each byte 1 if it is taken, else 0. */
export type ByteSet = Uint8Array;

/** A pattern's `[…]`, as read by a server. */
export interface ByteClass {
  readonly set: ByteSet;
  /** Where the pattern goes on; beyond its end if no `]` closed the class. */
  readonly next: number;
  /** Whether the last member is a byte that nothing escapes and that ends no range. */
  readonly bareEnd: boolean;
}

/**
 * Reads the class that opens at `at`, as every server does: a class without `]` runs to the end of the pattern,
 * a first `]` closes it at once, `\` takes the next byte literally but starts no range, and a range takes any byte
 * for its end, even `]`, and may be reversed.
 *
 * A range with one end below 0x80 and the other above it (`[a-\xff]`) depends on whether the server's CPU has
 * signed chars (x86: measured, all servers) or not (Linux on ARM). What either takes is taken.
 */
export function readClass(pattern: Buffer, at: number): ByteClass {
  const negated = pattern[++at] === CARET;
  if (negated) at++;
  const signed = new Uint8Array(256);
  const unsigned = new Uint8Array(256);
  let bareEnd = false;
  for (; at < pattern.length && pattern[at] !== CLOSE; at++) {
    const escaped = pattern[at] === BACKSLASH && at + 1 < pattern.length;
    const range = !escaped && pattern[at + 1] === DASH && at + 2 < pattern.length;
    bareEnd = !escaped && !range;
    if (range) {
      addRange(signed, pattern.readInt8(at), pattern.readInt8(at + 2));
      addRange(unsigned, pattern[at], pattern[at + 2]);
      at += 2;
    } else {
      if (escaped) at++;
      signed[pattern[at]] = unsigned[pattern[at]] = 1;
    }
  }
  const refused = negated ? 1 : 0;
  const set = signed.map((taken, byte) => (taken !== refused || unsigned[byte] !== refused ? 1 : 0));
  return { set, next: at + 1, bareEnd };
}

function addRange(set: ByteSet, from: number, to: number): void {
  for (let value = Math.min(from, to); value <= Math.max(from, to); value++) set[value & 0xff] = 1;
}
