/** One item of the two sequences that are compared. */
export interface Word {
  readonly text: string;
}

/** Something that must have been heard, or may have been. */
export interface Wanted extends Word {
  readonly sure: boolean;
  /** It cannot have been heard before, */
  readonly from: number;
  /** and the later it was heard after that, the less likely it is the same. */
  readonly to: number;
  /** It lies in a gap: of two that are alike it is the one that was missed. */
  readonly inGap?: boolean;
}

/** Something that was heard. */
export interface Said extends Word {
  readonly at: number;
  /** It lies in a gap: of two that are alike it is the one too many. */
  readonly inGap?: boolean;
}

/** Which of the wanted is which of the said: indexes into both, ascending. */
export type Pairing = readonly (readonly [wanted: number, said: number])[];

const MAX_LATENESS = 500;
const MISSING = 1_000;
const EXTRA = 1_000;
/** So that what lies outside is rather paired with something late. */
const MISSING_IN_GAP = MISSING - MAX_LATENESS - 100;
const EXTRA_IN_GAP = EXTRA - MAX_LATENESS - 100;
/** What need not be said is missed a little all the same, so that it is paired where it can be. */
const UNSURE_MISSING = 1;
/** Clocks are whole milliseconds. */
const EARLY = 1;

const enum Move {
  Pair,
  Miss,
  Skip
}

/**
 * The most likely pairing of what was wanted with what was said, in order: as many as can be, those first that
 * must be, and of several such pairings the one whose times fit best. Series of few different words are full of
 * pairings that are as long.
 */
export function align(wanted: readonly Wanted[], said: readonly Said[]): Pairing {
  if (wanted.length === 0 || said.length === 0) {
    return [];
  }
  const width = said.length + 1;
  const moves = new Uint8Array((wanted.length + 1) * width).fill(Move.Skip);
  const extra = said.map(({ inGap }) => (inGap ? EXTRA_IN_GAP : EXTRA));
  let above = new Float64Array(width);
  for (let column = 1; column < width; column++) above[column] = above[column - 1] + extra[column - 1];
  for (let row = 1; row <= wanted.length; row++) {
    const item = wanted[row - 1];
    const missing = !item.sure ? UNSURE_MISSING : item.inGap ? MISSING_IN_GAP : MISSING;
    const costs = new Float64Array(width);
    costs[0] = above[0] + missing;
    moves[row * width] = Move.Miss;
    for (let column = 1; column < width; column++) {
      const miss = above[column] + missing;
      const skip = costs[column - 1] + extra[column - 1];
      const pair = above[column - 1] + pairCost(item, said[column - 1]);
      costs[column] = Math.min(pair, miss, skip);
      // Of two that are said alike, the second one is too many.
      moves[row * width + column] = skip <= costs[column] ? Move.Skip : pair <= costs[column] ? Move.Pair : Move.Miss;
    }
    above = costs;
  }
  return backtrack(moves, wanted.length, width);
}

function pairCost(wanted: Wanted, { text, at }: Said): number {
  if (text !== wanted.text || at + EARLY < wanted.from) {
    return Infinity;
  }
  return Math.min(MAX_LATENESS, Math.max(0, at - wanted.to) / 10);
}

function backtrack(moves: Uint8Array, rows: number, width: number): Pairing {
  const pairs: [number, number][] = [];
  let row = rows;
  let column = width - 1;
  while (row > 0 && column > 0) {
    const move: Move = moves[row * width + column];
    if (move === Move.Pair) {
      pairs.push([row - 1, column - 1]);
    }
    row -= move === Move.Skip ? 0 : 1;
    column -= move === Move.Miss ? 0 : 1;
  }
  return pairs.reverse();
}
