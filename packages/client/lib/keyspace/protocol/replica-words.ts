/** How much a node has removed by itself: a replica nothing, for it waits for its primary to do so. */
export interface Removals {
  readonly removedKeys: number;
  readonly removedFields: number;
}

/** What a replica says (the value) of what its primary calls otherwise (Redis 7.0-8.8, Valkey 9). */
export const REPLICA_WORDS: ReadonlyMap<string, string> = new Map([
  ['expired', 'del'],
  ['evicted', 'del'],
  ['hexpired', 'hdel'],
  ['spop', 'srem'],
  ['incrbyfloat', 'set'],
  ['hincrbyfloat', 'hset']
]);

/**
 * Which words of a replica may stand for another one of its primary? It says the command that it was sent and not
 * the one that the primary ran (Redis 7.0-8.8, Valkey 9): `del` for `expired` and `evicted`, `hdel` for `hexpired`,
 * unless the primary has removed nothing meanwhile, and `srem` for `spop`. `set` and `hset` are taken at their word:
 * INCRBYFLOAT and HINCRBYFLOAT are rare.
 */
export function ambiguousWords(before: Removals | undefined, after: Removals): ReadonlySet<string> {
  const words = new Set(['srem']);
  if (before?.removedKeys !== after.removedKeys) words.add('del');
  if (before?.removedFields !== after.removedFields) words.add('hdel');
  return words;
}
