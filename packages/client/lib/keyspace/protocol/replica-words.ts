/**
 * Words of a replica that may stand for another one of its primary, since it says the command that it was sent and
 * not the one that the primary ran (Redis 7.0-8.8, Valkey 9): `del` for `expired` and `evicted`, `srem` for `spop`,
 * `hdel` for `hexpired`. `set` and `hset` are taken at their word: INCRBYFLOAT and HINCRBYFLOAT are rare.
 */
export const AMBIGUOUS_WORDS: ReadonlySet<string> = new Set(['del', 'srem', 'hdel']);
