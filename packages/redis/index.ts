export * from 'redis';
export * from '@redis-keyspace/client';
export { createClient, createClientPool, createCluster, createSentinel } from './lib/create';
export type {
  RedisClientOptions,
  RedisClientPoolType,
  RedisClientType,
  RedisClusterOptions,
  RedisClusterType,
  RedisSentinelOptions,
  RedisSentinelType
} from './lib/types';
