import type { Contender } from './contender';
import { ioredisStrings } from './ioredis';
import * as keyspace from './keyspace';
import { nodeRedisBuffers, nodeRedisStrings } from './node-redis';

/** By the names that the tables show. */
export const CONTENDERS = {
  'node-redis pSubscribe, strings': nodeRedisStrings,
  'node-redis pSubscribe, Buffers': nodeRedisBuffers,
  'keyspace, listener': keyspace.keyspaceListener,
  'keyspace, all filtered out': keyspace.keyspaceFiltered,
  'keyspace, bufferMode': keyspace.keyspaceBuffers,
  'keyspace, batches()': keyspace.keyspaceBatches,
  'keyspace, 10 of one pattern': keyspace.keyspaceTenfold,
  'keyspace, cluster': keyspace.keyspaceCluster,
  'ioredis pmessage': ioredisStrings
} satisfies Record<string, Contender>;

export type ContenderName = keyof typeof CONTENDERS;
