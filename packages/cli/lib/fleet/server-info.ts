import { acceptedFlagsOf, type FlagSet, type ServerVersion } from 'redis-keyspace';

/** Which server it is, by its INFO. */
export interface ServerInfo extends ServerVersion {
  /** For people: `Redis 8.6.3`. */
  readonly label: string;
  /** The letters that it takes; undefined when its version does not tell. */
  readonly accepted: FlagSet | undefined;
}

/** undefined when INFO does not tell, as where it is refused. */
export function serverInfoOf(info: ReadonlyMap<string, string>): ServerInfo | undefined {
  const valkey = info.get('valkey_version');
  const redis = info.get('redis_version');
  if (valkey) return known('valkey', valkey, 'Valkey');
  if (!redis) return undefined;
  if (/keydb/i.test(info.get('executable') ?? '') || info.has('mvcc_depth'))
    return { product: 'keydb', version: redis, label: `KeyDB ${redis}`, accepted: undefined };
  return known('redis', redis, 'Redis');
}

function known(product: ServerVersion['product'], version: string, name: string): ServerInfo {
  return { product, version, label: `${name} ${version}`, accepted: acceptedFlagsOf({ product, version }) };
}
