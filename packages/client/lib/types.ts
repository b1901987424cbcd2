/**
 * Upstream's types with the keyspace API: same names of the generics, same order, same defaults. Each is an
 * intersection that upstream's own type is part of, so it goes wherever that one does; the first part repeats
 * the methods that return a client, since of several signatures the first that fits is taken.
 */
import type {
  RedisClientOptions,
  RedisClientPoolType,
  RedisClientType,
  RedisClusterOptions,
  RedisClusterType,
  RedisFunctions,
  RedisModules,
  RedisPoolOptions,
  RedisScripts,
  RedisSentinelOptions,
  RedisSentinelType,
  RespVersions,
  TypeMapping
} from '@redis/client';
import type { KeyspaceApi, KeyspaceOptions } from './keyspace';

/** What `createClient()`, `createClientPool()`, `createCluster()` and `createSentinel()` take beside upstream's options. */
export interface KeyspaceOption {
  /** How the client hears keyspace notifications. @default DEFAULT_KEYSPACE_OPTIONS */
  keyspace?: KeyspaceOptions;
}

/** `{}`: nothing added. */
type None = NonNullable<unknown>;
type SocketOptions = NonNullable<RedisClientOptions['socket']>;

/** Not among upstream's public names; the same for all kinds of clients. */
type CommandOptions<TYPE_MAPPING extends TypeMapping> = NonNullable<
  RedisClientOptions<RedisModules, RedisFunctions, RedisScripts, RespVersions, TYPE_MAPPING>['commandOptions']
>;

/** Upstream's `RedisClientOptions`, and `keyspace`. */
export interface KeyspaceClientOptions<
  M extends RedisModules = RedisModules,
  F extends RedisFunctions = RedisFunctions,
  S extends RedisScripts = RedisScripts,
  RESP extends RespVersions = 3,
  TYPE_MAPPING extends TypeMapping = TypeMapping,
  SOCKET extends SocketOptions = SocketOptions
>
  extends RedisClientOptions<M, F, S, RESP, TYPE_MAPPING, SOCKET>, KeyspaceOption {}

/** Upstream's `RedisClusterOptions`, and `keyspace`. */
export interface KeyspaceClusterOptions<
  M extends RedisModules = RedisModules,
  F extends RedisFunctions = RedisFunctions,
  S extends RedisScripts = RedisScripts,
  RESP extends RespVersions = 3,
  TYPE_MAPPING extends TypeMapping = TypeMapping
>
  extends RedisClusterOptions<M, F, S, RESP, TYPE_MAPPING>, KeyspaceOption {}

/** Upstream's `RedisSentinelOptions`, and `keyspace`. */
export interface KeyspaceSentinelOptions<
  M extends RedisModules = RedisModules,
  F extends RedisFunctions = RedisFunctions,
  S extends RedisScripts = RedisScripts,
  RESP extends RespVersions = 3,
  TYPE_MAPPING extends TypeMapping = TypeMapping
>
  extends RedisSentinelOptions<M, F, S, RESP, TYPE_MAPPING>, KeyspaceOption {}

/** A `RedisClientType` with the keyspace API. */
export type KeyspaceClientType<
  M extends RedisModules = None,
  F extends RedisFunctions = None,
  S extends RedisScripts = None,
  RESP extends RespVersions = 3,
  TYPE_MAPPING extends TypeMapping = None
> = ClientMethods<M, F, S, RESP, TYPE_MAPPING> & RedisClientType<M, F, S, RESP, TYPE_MAPPING>;

interface ClientMethods<
  M extends RedisModules,
  F extends RedisFunctions,
  S extends RedisScripts,
  RESP extends RespVersions,
  TYPE_MAPPING extends TypeMapping
> extends KeyspaceApi {
  connect(): Promise<KeyspaceClientType<M, F, S, RESP, TYPE_MAPPING>>;
  /** A client of its own with the same options: it has the API and starts without subscriptions. */
  duplicate<
    _M extends RedisModules = M,
    _F extends RedisFunctions = F,
    _S extends RedisScripts = S,
    _RESP extends RespVersions = RESP,
    _TYPE_MAPPING extends TypeMapping = TYPE_MAPPING
  >(
    overrides?: Partial<KeyspaceClientOptions<_M, _F, _S, _RESP, _TYPE_MAPPING>>
  ): KeyspaceClientType<_M, _F, _S, _RESP, _TYPE_MAPPING>;
  /** A pool of its own with the same options: it has the API and starts without subscriptions. */
  createPool(options?: Partial<RedisPoolOptions>): KeyspaceClientPoolType<M, F, S, RESP, TYPE_MAPPING>;
  withCommandOptions<OPTIONS extends CommandOptions<TYPE_MAPPING>, TYPE_MAPPING extends TypeMapping>(
    options: OPTIONS
  ): KeyspaceClientType<M, F, S, RESP, TYPE_MAPPING>;
  withTypeMapping<TYPE_MAPPING extends TypeMapping>(
    typeMapping: TYPE_MAPPING
  ): KeyspaceClientType<M, F, S, RESP, TYPE_MAPPING>;
  withAbortSignal(abortSignal: AbortSignal): KeyspaceClientType<M, F, S, RESP, TYPE_MAPPING>;
  asap(): KeyspaceClientType<M, F, S, RESP, TYPE_MAPPING>;
}

/** A `RedisClientPoolType` with the keyspace API. */
export type KeyspaceClientPoolType<
  M extends RedisModules = None,
  F extends RedisFunctions = None,
  S extends RedisScripts = None,
  RESP extends RespVersions = 3,
  TYPE_MAPPING extends TypeMapping = None
> = PoolMethods<M, F, S, RESP, TYPE_MAPPING> & RedisClientPoolType<M, F, S, RESP, TYPE_MAPPING>;

interface PoolMethods<
  M extends RedisModules,
  F extends RedisFunctions,
  S extends RedisScripts,
  RESP extends RespVersions,
  TYPE_MAPPING extends TypeMapping
> extends KeyspaceApi {
  /** As upstream's: undefined when it is connected or connecting already. */
  connect(): Promise<KeyspaceClientPoolType<M, F, S, RESP, TYPE_MAPPING> | undefined>;
  withCommandOptions<OPTIONS extends CommandOptions<TYPE_MAPPING>, TYPE_MAPPING extends TypeMapping>(
    options: OPTIONS
  ): KeyspaceClientPoolType<M, F, S, RESP, TYPE_MAPPING>;
  withTypeMapping<TYPE_MAPPING extends TypeMapping>(
    typeMapping: TYPE_MAPPING
  ): KeyspaceClientPoolType<M, F, S, RESP, TYPE_MAPPING>;
  withAbortSignal(abortSignal: AbortSignal): KeyspaceClientPoolType<M, F, S, RESP, TYPE_MAPPING>;
  asap(): KeyspaceClientPoolType<M, F, S, RESP, TYPE_MAPPING>;
}

/** A `RedisClusterType` with the keyspace API. */
export type KeyspaceClusterType<
  M extends RedisModules = None,
  F extends RedisFunctions = None,
  S extends RedisScripts = None,
  RESP extends RespVersions = 3,
  TYPE_MAPPING extends TypeMapping = None
> = ClusterMethods<M, F, S, RESP, TYPE_MAPPING> & RedisClusterType<M, F, S, RESP, TYPE_MAPPING>;

interface ClusterMethods<
  M extends RedisModules,
  F extends RedisFunctions,
  S extends RedisScripts,
  RESP extends RespVersions,
  TYPE_MAPPING extends TypeMapping
> extends KeyspaceApi {
  connect(): Promise<KeyspaceClusterType<M, F, S, RESP, TYPE_MAPPING>>;
  /** A cluster client of its own with the same options: it has the API and starts without subscriptions. */
  duplicate<
    _M extends RedisModules = M,
    _F extends RedisFunctions = F,
    _S extends RedisScripts = S,
    _RESP extends RespVersions = RESP,
    _TYPE_MAPPING extends TypeMapping = TYPE_MAPPING
  >(
    overrides?: Partial<KeyspaceClusterOptions<_M, _F, _S, _RESP, _TYPE_MAPPING>>
  ): KeyspaceClusterType<_M, _F, _S, _RESP, _TYPE_MAPPING>;
  withCommandOptions<OPTIONS extends CommandOptions<TYPE_MAPPING>, TYPE_MAPPING extends TypeMapping>(
    options: OPTIONS
  ): KeyspaceClusterType<M, F, S, RESP, TYPE_MAPPING>;
  withTypeMapping<TYPE_MAPPING extends TypeMapping>(
    typeMapping: TYPE_MAPPING
  ): KeyspaceClusterType<M, F, S, RESP, TYPE_MAPPING>;
}

/** A `RedisSentinelType` with the keyspace API. */
export type KeyspaceSentinelType<
  M extends RedisModules = None,
  F extends RedisFunctions = None,
  S extends RedisScripts = None,
  RESP extends RespVersions = 3,
  TYPE_MAPPING extends TypeMapping = None
> = SentinelMethods<M, F, S, RESP, TYPE_MAPPING> & RedisSentinelType<M, F, S, RESP, TYPE_MAPPING>;

interface SentinelMethods<
  M extends RedisModules,
  F extends RedisFunctions,
  S extends RedisScripts,
  RESP extends RespVersions,
  TYPE_MAPPING extends TypeMapping
> extends KeyspaceApi {
  connect(): Promise<KeyspaceSentinelType<M, F, S, RESP, TYPE_MAPPING>>;
  /** A sentinel client of its own with the same options: it has the API and starts without subscriptions. */
  duplicate<
    _M extends RedisModules = M,
    _F extends RedisFunctions = F,
    _S extends RedisScripts = S,
    _RESP extends RespVersions = RESP,
    _TYPE_MAPPING extends TypeMapping = TYPE_MAPPING
  >(
    overrides?: Partial<KeyspaceSentinelOptions<_M, _F, _S, _RESP, _TYPE_MAPPING>>
  ): KeyspaceSentinelType<_M, _F, _S, _RESP, _TYPE_MAPPING>;
  withCommandOptions<OPTIONS extends CommandOptions<TYPE_MAPPING>, TYPE_MAPPING extends TypeMapping>(
    options: OPTIONS
  ): KeyspaceSentinelType<M, F, S, RESP, TYPE_MAPPING>;
  withTypeMapping<TYPE_MAPPING extends TypeMapping>(
    typeMapping: TYPE_MAPPING
  ): KeyspaceSentinelType<M, F, S, RESP, TYPE_MAPPING>;
}
