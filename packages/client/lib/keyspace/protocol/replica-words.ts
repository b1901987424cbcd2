/**
 * A replica says the command that it was sent, which is not always the one that its primary ran: what the primary
 * called by the first word the replica calls by the second (Redis 7.0-8.8, Valkey 9).
 */
const REPLICA_WORDS: ReadonlyMap<string, string> = new Map([
  ['expired', 'del'],
  ['evicted', 'del'],
  ['incrbyfloat', 'set'],
  ['spop', 'srem'],
  ['hexpired', 'hdel'],
  ['hincrbyfloat', 'hset']
]);

/**
 * Words of a replica that may well stand for another one of its primary. `set` and `hset` are taken at their word:
 * INCRBYFLOAT and HINCRBYFLOAT are rare.
 */
export const AMBIGUOUS_WORDS: ReadonlySet<string> = new Set(['del', 'srem', 'hdel']);

/** May a replica that says `word` mean what its primary called `event`? */
export function meansTheSame(event: string, word: string): boolean {
  return event === word || REPLICA_WORDS.get(event) === word;
}
