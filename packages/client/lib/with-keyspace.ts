import type {
  RedisClientPoolType,
  RedisClientType,
  RedisClusterType,
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
 * Gives the keyspace API to a client, pool, cluster or sentinel that `redis` or `@redis/client` made, and
 * returns the same object, typed. It may be connected already or not yet. The API ends with the client; its
 * proxies (`withTypeMapping()` and its kin) have it too, and so has what `duplicate()` and `createPool()` make,
 * starting without subscriptions.
 * @throws {KeyspaceArgumentError} not a client of node-redis 6, or wrong options.
 * @throws {KeyspaceError} the client has the API already and options are given again.
 * @throws {KeyspaceUnsupportedError} options that this kind of client does not have.
 */
export function withKeyspace<
  M extends RedisModules,
  F extends RedisFunctions,
  S extends RedisScripts,
  RESP extends RespVersions,
  TYPE_MAPPING extends TypeMapping
>(
  client: RedisClientType<M, F, S, RESP, TYPE_MAPPING>,
  options?: KeyspaceOptions
): KeyspaceClientType<M, F, S, RESP, TYPE_MAPPING>;
export function withKeyspace<
  M extends RedisModules,
  F extends RedisFunctions,
  S extends RedisScripts,
  RESP extends RespVersions,
  TYPE_MAPPING extends TypeMapping
>(
  pool: RedisClientPoolType<M, F, S, RESP, TYPE_MAPPING>,
  options?: KeyspaceOptions
): KeyspaceClientPoolType<M, F, S, RESP, TYPE_MAPPING>;
export function withKeyspace<
  M extends RedisModules,
  F extends RedisFunctions,
  S extends RedisScripts,
  RESP extends RespVersions,
  TYPE_MAPPING extends TypeMapping
>(
  cluster: RedisClusterType<M, F, S, RESP, TYPE_MAPPING>,
  options?: KeyspaceOptions
): KeyspaceClusterType<M, F, S, RESP, TYPE_MAPPING>;
export function withKeyspace<
  M extends RedisModules,
  F extends RedisFunctions,
  S extends RedisScripts,
  RESP extends RespVersions,
  TYPE_MAPPING extends TypeMapping
>(
  sentinel: RedisSentinelType<M, F, S, RESP, TYPE_MAPPING>,
  options?: KeyspaceOptions
): KeyspaceSentinelType<M, F, S, RESP, TYPE_MAPPING>;
export function withKeyspace(client: object, options?: KeyspaceOptions): object {
  return attachKeyspace(client, options);
}
