/**
 * The four functions of `redis` that make clients. Each takes `keyspace` out of the options, lets upstream make
 * the client, refusing whatever it refuses, and gives the keyspace API to it.
 */
import { withKeyspace, type KeyspaceOption, type KeyspaceOptions } from '@redis-keyspace/client';
import * as upstream from 'redis';
import type { RedisFunctions, RedisModules, RedisPoolOptions, RedisScripts, RespVersions, TypeMapping } from 'redis';
import type {
  RedisClientOptions,
  RedisClientPoolType,
  RedisClientType,
  RedisClusterOptions,
  RedisClusterType,
  RedisSentinelOptions,
  RedisSentinelType
} from './types';

/** The generics are stated once, in the signatures: inferring them again costs the compiler a minute. */
const attach = withKeyspace as (client: object, keyspace?: KeyspaceOptions) => unknown;

/** `{}`: nothing added. */
type None = NonNullable<unknown>;

/**
 * A client of `redis`, with the keyspace API.
 * @throws {KeyspaceArgumentError} wrong `keyspace` options; otherwise what upstream throws.
 */
export function createClient<
  M extends RedisModules = None,
  F extends RedisFunctions = None,
  S extends RedisScripts = None,
  RESP extends RespVersions = 3,
  TYPE_MAPPING extends TypeMapping = None
>(options?: RedisClientOptions<M, F, S, RESP, TYPE_MAPPING>): RedisClientType<M, F, S, RESP, TYPE_MAPPING> {
  const [own, keyspace] = split(options);
  return attach(upstream.createClient(own as object), keyspace) as never;
}

/**
 * A pool of clients of `redis`, with the keyspace API.
 * @param clientOptions also has `keyspace`.
 * @throws {KeyspaceArgumentError} wrong `keyspace` options; otherwise what upstream throws.
 */
export function createClientPool<
  M extends RedisModules = None,
  F extends RedisFunctions = None,
  S extends RedisScripts = None,
  RESP extends RespVersions = 3,
  TYPE_MAPPING extends TypeMapping = None
>(
  clientOptions?: Omit<RedisClientOptions<M, F, S, RESP, TYPE_MAPPING>, 'clientSideCache'>,
  options?: Partial<RedisPoolOptions>
): RedisClientPoolType<M, F, S, RESP, TYPE_MAPPING> {
  const [own, keyspace] = split(clientOptions);
  return attach(upstream.createClientPool(own as object, options), keyspace) as never;
}

/**
 * A cluster client of `redis`, with the keyspace API, which hears every primary.
 *
 * Note, as upstream: `rootNodes` is only used to discover the cluster. What shall apply to every connection,
 * such as credentials and TLS, belongs in `defaults`; it applies to the connections for notifications too.
 * @throws {KeyspaceArgumentError} wrong `keyspace` options; otherwise what upstream throws.
 */
export function createCluster<
  M extends RedisModules = None,
  F extends RedisFunctions = None,
  S extends RedisScripts = None,
  RESP extends RespVersions = 3,
  TYPE_MAPPING extends TypeMapping = None
>(options: RedisClusterOptions<M, F, S, RESP, TYPE_MAPPING>): RedisClusterType<M, F, S, RESP, TYPE_MAPPING> {
  const [own, keyspace] = split(options);
  return attach(
    upstream.createCluster(own as object as Parameters<typeof upstream.createCluster>[0]),
    keyspace
  ) as never;
}

/**
 * A Sentinel client of `redis`, with the keyspace API, which follows the primary.
 * @throws {KeyspaceArgumentError} wrong `keyspace` options; otherwise what upstream throws.
 */
export function createSentinel<
  M extends RedisModules = None,
  F extends RedisFunctions = None,
  S extends RedisScripts = None,
  RESP extends RespVersions = 3,
  TYPE_MAPPING extends TypeMapping = None
>(options: RedisSentinelOptions<M, F, S, RESP, TYPE_MAPPING>): RedisSentinelType<M, F, S, RESP, TYPE_MAPPING> {
  const [own, keyspace] = split(options);
  return attach(
    upstream.createSentinel(own as object as Parameters<typeof upstream.createSentinel>[0]),
    keyspace
  ) as never;
}

/** Copied whatever it is, as upstream does, so that upstream sees and refuses what it would have seen. */
function split<T extends KeyspaceOption>(options: T | undefined) {
  const { keyspace, ...own } = { ...options } as T;
  return [own, keyspace] as const;
}
