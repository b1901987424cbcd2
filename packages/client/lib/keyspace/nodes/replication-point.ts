/** How far a node is in the stream of writes that it and its replicas share. */
export interface ReplicationPoint {
  readonly isReplica: boolean;
  /** Bytes of the stream that the node has carried out. */
  readonly offset: number;
  /** Where the stream stood when the node was promoted; -1 when it never was. */
  readonly promotedAt: number;
  /** How many replicas have had to copy all data instead of following the stream. */
  readonly fullCopies: number;
  /** Its writes are counted: without replicas, and without a memory for them, they are not (Redis 7.0). */
  readonly isCounting: boolean;
  /** It is copying all data itself. */
  readonly isCopying: boolean;
  /** How many keys it has removed by itself, since they had expired or there was no room. */
  readonly removedKeys: number;
  /** How many fields of hashes: `expired_subkeys` of Redis 7.4+, `expired_fields` of Valkey 9. */
  readonly removedFields: number;
}

export const REPLICATION_QUESTION = ['INFO', 'replication', 'stats'];

/** From an answer to INFO (Redis 7.0+, Valkey): `second_repl_offset` is the first byte after the promotion. */
export function parseReplicationPoint(info: string): ReplicationPoint {
  const field = (name: string) => new RegExp(`^${name}:(.*)$`, 'm').exec(info)?.[1]?.trim();
  const count = (name: string) => Number(field(name) ?? 0);
  const second = Number(field('second_repl_offset') ?? -1);
  return {
    isReplica: field('role') === 'slave',
    offset: Number(field('master_repl_offset') ?? -1),
    promotedAt: second > 0 ? second - 1 : -1,
    fullCopies: count('sync_full'),
    isCounting: count('repl_backlog_active') > 0 || count('connected_slaves') > 0,
    isCopying: field('master_sync_in_progress') === '1',
    removedKeys: count('expired_keys') + count('evicted_keys'),
    removedFields: count('expired_subkeys') + count('expired_fields')
  };
}
