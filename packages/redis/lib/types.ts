/**
 * The names that `redis` gives to its clients and their options, for those that have the keyspace API. They go
 * wherever those of `redis` do.
 */
import type {
  KeyspaceClientOptions,
  KeyspaceClientPoolType,
  KeyspaceClientType,
  KeyspaceClusterOptions,
  KeyspaceClusterType,
  KeyspaceSentinelOptions,
  KeyspaceSentinelType
} from '@redis-keyspace/client';
import type { RedisDefaultModules, RedisFunctions, RedisModules, RedisScripts, RespVersions, TypeMapping } from 'redis';

export type {
  KeyspaceClientOptions as RedisClientOptions,
  KeyspaceClusterOptions as RedisClusterOptions,
  KeyspaceSentinelOptions as RedisSentinelOptions
};

/** `{}`: nothing added. */
type None = NonNullable<unknown>;

/** What `createClient()` makes: a client with the modules of `redis` and the keyspace API. */
export type RedisClientType<
  M extends RedisModules = None,
  F extends RedisFunctions = None,
  S extends RedisScripts = None,
  RESP extends RespVersions = 3,
  TYPE_MAPPING extends TypeMapping = None
> = KeyspaceClientType<RedisDefaultModules & M, F, S, RESP, TYPE_MAPPING>;

/** What `createClientPool()` makes: a pool with the modules of `redis` and the keyspace API. */
export type RedisClientPoolType<
  M extends RedisModules = None,
  F extends RedisFunctions = None,
  S extends RedisScripts = None,
  RESP extends RespVersions = 3,
  TYPE_MAPPING extends TypeMapping = None
> = KeyspaceClientPoolType<RedisDefaultModules & M, F, S, RESP, TYPE_MAPPING>;

/** What `createCluster()` makes: a cluster client with the modules of `redis` and the keyspace API. */
export type RedisClusterType<
  M extends RedisModules = None,
  F extends RedisFunctions = None,
  S extends RedisScripts = None,
  RESP extends RespVersions = 3,
  TYPE_MAPPING extends TypeMapping = None
> = KeyspaceClusterType<RedisDefaultModules & M, F, S, RESP, TYPE_MAPPING>;

/** What `createSentinel()` makes: a Sentinel client with the modules of `redis` and the keyspace API. */
export type RedisSentinelType<
  M extends RedisModules = None,
  F extends RedisFunctions = None,
  S extends RedisScripts = None,
  RESP extends RespVersions = 3,
  TYPE_MAPPING extends TypeMapping = None
> = KeyspaceSentinelType<RedisDefaultModules & M, F, S, RESP, TYPE_MAPPING>;
