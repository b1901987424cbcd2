import type { Interest } from '../plan/interest';
import { prefixTarget } from '../plan/target';
import { escapeGlob } from '../protocol/glob';

/** One pass of SCAN over a node. */
export interface SearchPass {
  /** MATCH, or undefined for all keys. */
  readonly match: Buffer | undefined;
  /** Is a key that the pass finds to be told by this pass? */
  accepts(key: Buffer): boolean;
}

/** How the keys that a subscription is about are found. Of several targets that a key matches one tells it. */
export interface KeySearch {
  /** These are asked for by name. */
  readonly exact: readonly Buffer[];
  readonly passes: readonly SearchPass[];
}

const STAR = Buffer.from('*');

/** A subscription by event without `keys` is about all keys that begin with the client's `keyPrefix`. */
export function searchOf({ keys, prefix }: Pick<Interest, 'keys' | 'prefix'>): KeySearch {
  if (!keys) {
    const match = prefix.length ? Buffer.concat([escapeGlob(prefix), STAR]) : undefined;
    return { exact: [], passes: [{ match, accepts: () => true }] };
  }
  const targets = [...new Map(keys.map(key => [key.id, prefixTarget(key, prefix)])).values()];
  const exact = new Map<string, Buffer>();
  for (const { part } of targets) if ('literal' in part) exact.set(part.literal.toString('latin1'), part.literal);
  const globs = targets.flatMap(({ part, matches }) => ('glob' in part ? [{ match: part.glob, matches }] : []));
  const passes = globs.map(({ match, matches }, index) => {
    const earlier = globs.slice(0, index);
    // Without memory of what has been told: what another target matches is told by that one.
    const accepts = (key: Buffer) =>
      matches(key, 0, key.length) &&
      !earlier.some(other => other.matches(key, 0, key.length)) &&
      !(exact.size && exact.has(key.toString('latin1')));
    return { match, accepts };
  });
  return { exact: [...exact.values()], passes };
}
