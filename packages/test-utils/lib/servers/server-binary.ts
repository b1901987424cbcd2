/** What only some servers can do. A test asks for the feature, never for a version. */
export type ServerFeature =
  /** CLUSTER MIGRATION (Redis 8.4) or CLUSTER MIGRATESLOTS (Valkey 9.0). */
  | 'atomicSlotMigration'
  /** Several databases in a cluster: cluster-databases (Valkey 9.0). */
  | 'clusterDatabases'
  /** `sunsubscribe` of sharded channels on a promoted replica (Redis 7.2.6 and 7.4, Valkey 7.2.5 and 8.0.1). */
  | 'promotionMarker'
  /** Sub-key notifications: the flags S, T, I and V (Redis 8.8). */
  | 'subkeys'
  /** TTLs of hash fields: HPEXPIRE (Redis 7.4, Valkey 9.0). */
  | 'fieldExpiry'
  /** The classes `overwritten` and `type_changed`: the flags o and c (seen in Redis 8.6, not in 7.4 or Valkey 9.1). */
  | 'overwrittenEvents'
  /** Never a push within the reply of EXEC on a RESP3 connection (Redis 7.2, Valkey). */
  | 'pushesBetweenReplies';

export type ServerProduct = 'redis' | 'valkey';

/** The part of a ServerBinary that is kept in the manifest. */
export interface ServerRecord {
  readonly product: ServerProduct;
  readonly version: string;
  readonly command: readonly string[];
  readonly source: 'path' | 'debian' | 'docker';
}

/** A server that this machine can start. */
export interface ServerBinary extends ServerRecord {
  /** For people: 'Redis 8.6.3'. */
  readonly label: string;
  /** Its place in the matrix: 'redis7', 'redis8', 'valkey9'. */
  readonly id: string;
  /** argv prefix of a server; a configuration file follows. */
  readonly command: readonly string[];
  /** argv prefix of a sentinel; a configuration file and `--sentinel` follow. */
  readonly sentinel: readonly string[];
  supports(feature: ServerFeature): boolean;
}

const SINCE: Record<ServerFeature, Record<ServerProduct, string | undefined>> = {
  atomicSlotMigration: { redis: '8.4.0', valkey: '9.0.0' },
  clusterDatabases: { redis: undefined, valkey: '9.0.0' },
  promotionMarker: { redis: '7.2.6', valkey: '8.0.1' },
  subkeys: { redis: '8.8.0', valkey: undefined },
  fieldExpiry: { redis: '7.4.0', valkey: '9.0.0' },
  overwrittenEvents: { redis: '8.6.0', valkey: undefined },
  pushesBetweenReplies: { redis: '7.2.0', valkey: '7.2.0' }
};

/** Compares dotted versions by number: negative, zero or positive. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map(version => version.split('.').map(Number));
  for (let index = 0; index < 3; index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) {
      return difference;
    }
  }
  return 0;
}

/** Adds to a record what follows from it. */
export function createServerBinary(record: ServerRecord): ServerBinary {
  const { product, version } = record;
  return {
    ...record,
    id: `${product}${version.split('.', 1)[0]}`,
    label: `${product === 'redis' ? 'Redis' : 'Valkey'} ${version}`,
    sentinel: record.command,
    supports(feature) {
      const since = SINCE[feature][product];
      return since !== undefined && compareVersions(version, since) >= 0;
    }
  };
}
