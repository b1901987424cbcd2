/** Where in what one node says may be what another said last. */
export interface Splice {
  /** Behind which of it, all as likely; in order. */
  readonly ends: readonly number[];
  /** How much they have in common there, and of how many keys. */
  readonly length: number;
  readonly keys: number;
}

/**
 * Finds the longest that two nodes said alike.
 * @param said prints of what one of them said, the very last first.
 * @param prints of what the other says, in order.
 */
export function splice(said: readonly number[], prints: readonly number[]): Splice {
  const lengths = lengthsAlike(said, prints);
  // A loop: there may be more of them than a call can take.
  let longest = 0;
  for (const length of lengths) if (length > longest) longest = length;
  const ends = longest ? lengths.flatMap((length, end) => (length === longest ? end : [])) : [];
  return { ends, length: longest, keys: new Set(said.slice(0, longest)).size };
}

/** For each end how much before it is the same as `said`, by the Z algorithm: in linear time, however much repeats. */
export function lengthsAlike(said: readonly number[], prints: readonly number[]): number[] {
  const text = [...said, undefined, ...prints.toReversed()];
  const same = new Array<number>(text.length).fill(0);
  for (let at = 1, left = 0, right = 0; at < text.length; at++) {
    if (at < right) same[at] = Math.min(right - at, same[at - left]);
    while (at + same[at] < text.length && text[same[at]] === text[at + same[at]]) same[at]++;
    if (at + same[at] > right) [left, right] = [at, at + same[at]];
  }
  return same
    .slice(said.length + 1)
    .concat(0)
    .reverse();
}
