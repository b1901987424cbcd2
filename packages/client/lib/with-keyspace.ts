import type {
  RedisClientPoolType,
  RedisClientType,
  RedisClusterOptions,
  RedisFunctions,
  RedisModules,
  RedisScripts,
  RedisSentinelType,
  RespVersions,
  TypeMapping
} from '@redis/client';
import type { KeyspaceOptions } from './keyspace';
import { attachKeyspace } from './keyspace/fronts/with-keyspace';
import type { KeyspaceClientPoolType, KeyspaceClientType, KeyspaceClusterType, KeyspaceSentinelType } from './types';

/**
 * Upstream's `Record<string, …>`, without asking for its index signature, which the modules of `redis` together
 * with some of the user's own do not have: they would be inferred as any modules at all.
 */
type Each<T, OF extends object> = Record<keyof T, OF[keyof OF]>;

/**
 * Just enough of upstream's types to tell the four kinds apart and to read their generics from: comparing a
 * cluster with a whole `RedisClientType`, hundreds of commands each, costs the compiler half a minute.
 */
interface ClientLike<
  M extends RedisModules,
  F extends RedisFunctions,
  S extends RedisScripts,
  RESP extends RespVersions,
  TYPE_MAPPING extends TypeMapping
> {
  connect(): Promise<RedisClientType<M, F, S, RESP, TYPE_MAPPING>>;
  readonly isDirtyWatch: boolean;
}

interface PoolLike<
  M extends RedisModules,
  F extends RedisFunctions,
  S extends RedisScripts,
  RESP extends RespVersions,
  TYPE_MAPPING extends TypeMapping
> {
  connect(): Promise<RedisClientPoolType<M, F, S, RESP, TYPE_MAPPING> | undefined>;
  readonly idleClients: number;
}

interface ClusterLike<
  M extends RedisModules,
  F extends RedisFunctions,
  S extends RedisScripts,
  RESP extends RespVersions,
  TYPE_MAPPING extends TypeMapping
> {
  readonly _options: RedisClusterOptions<M, F, S, RESP, TYPE_MAPPING>;
  readonly nodeByAddress: object;
}

interface SentinelLike<
  M extends RedisModules,
  F extends RedisFunctions,
  S extends RedisScripts,
  RESP extends RespVersions,
  TYPE_MAPPING extends TypeMapping
> {
  connect(): Promise<RedisSentinelType<M, F, S, RESP, TYPE_MAPPING>>;
  getSentinelNode(): object | undefined;
}

/**
 * Gives the keyspace API to a client, pool, cluster or sentinel that `redis` or `@redis/client` made, and
 * returns the same object, typed. It may be connected already or not yet. The API ends with the client; its
 * proxies (`withTypeMapping()` and its kin) have it too, and so has what `duplicate()` and `createPool()` make,
 * starting without subscriptions.
 * @throws {KeyspaceArgumentError} not a client of node-redis 6, or wrong options.
 * @throws {KeyspaceError} the client has the API already and options are given again.
 * @throws {KeyspaceUnsupportedError} options that this kind of client does not have.
 */
export function withKeyspace<
  M extends Each<M, RedisModules>,
  F extends Each<F, RedisFunctions>,
  S extends Each<S, RedisScripts>,
  RESP extends RespVersions,
  TYPE_MAPPING extends TypeMapping
>(
  client: ClientLike<M, F, S, RESP, TYPE_MAPPING>,
  options?: KeyspaceOptions
): KeyspaceClientType<M, F, S, RESP, TYPE_MAPPING>;
export function withKeyspace<
  M extends Each<M, RedisModules>,
  F extends Each<F, RedisFunctions>,
  S extends Each<S, RedisScripts>,
  RESP extends RespVersions,
  TYPE_MAPPING extends TypeMapping
>(
  pool: PoolLike<M, F, S, RESP, TYPE_MAPPING>,
  options?: KeyspaceOptions
): KeyspaceClientPoolType<M, F, S, RESP, TYPE_MAPPING>;
export function withKeyspace<
  M extends Each<M, RedisModules>,
  F extends Each<F, RedisFunctions>,
  S extends Each<S, RedisScripts>,
  RESP extends RespVersions,
  TYPE_MAPPING extends TypeMapping
>(
  cluster: ClusterLike<M, F, S, RESP, TYPE_MAPPING>,
  options?: KeyspaceOptions
): KeyspaceClusterType<M, F, S, RESP, TYPE_MAPPING>;
export function withKeyspace<
  M extends Each<M, RedisModules>,
  F extends Each<F, RedisFunctions>,
  S extends Each<S, RedisScripts>,
  RESP extends RespVersions,
  TYPE_MAPPING extends TypeMapping
>(
  sentinel: SentinelLike<M, F, S, RESP, TYPE_MAPPING>,
  options?: KeyspaceOptions
): KeyspaceSentinelType<M, F, S, RESP, TYPE_MAPPING>;
export function withKeyspace(client: object, options?: KeyspaceOptions): object {
  return attachKeyspace(client, options);
}
