import type { CacheCluster, Endpoint, ReplicationGroup } from '@aws-sdk/client-elasticache';
import { ElastiCacheError } from './errors';

/** A cache as ElastiCache knows it, reduced to what concerns its notifications. */
export interface Cache {
  readonly kind: 'cache-cluster' | 'replication-group';
  readonly id: string;
  readonly engine: string;
  readonly engineVersion: string;
  readonly clusterMode: boolean;
  /** `available`, `modifying`, `creating`, … */
  readonly status: string;
  /** Where a client connects to; none while the cache is being created. */
  readonly endpoint: CacheEndpoint | undefined;
  readonly members: readonly CacheMember[];
}

export interface CacheEndpoint {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
}

/** A node: the parameter group is a matter of each. */
export interface CacheMember {
  readonly id: string;
  readonly status: string;
  readonly parameterGroup: string;
  /** `in-sync`, `applying`, `pending-reboot`, … */
  readonly applyStatus: string;
}

const ENGINES: ReadonlySet<string> = new Set(['redis', 'valkey']);

/** A cache cluster that belongs to no replication group. */
export function cacheOfCluster(cluster: CacheCluster): Cache {
  const id = cluster.CacheClusterId ?? '';
  const engine = engineOf(id, cluster);
  return {
    kind: 'cache-cluster',
    id,
    engine,
    engineVersion: cluster.EngineVersion ?? '',
    clusterMode: false,
    status: cluster.CacheClusterStatus ?? '',
    endpoint: endpointOf(cluster.CacheNodes?.[0]?.Endpoint, cluster.TransitEncryptionEnabled),
    members: [memberOf(cluster)]
  };
}

/** A replication group; `clusters` may hold members of others too. */
export function cacheOfGroup(group: ReplicationGroup, clusters: readonly CacheCluster[]): Cache {
  const id = group.ReplicationGroupId ?? '';
  const members = clusters.filter(({ ReplicationGroupId }) => ReplicationGroupId === id);
  const engine = engineOf(id, { Engine: group.Engine ?? members[0]?.Engine });
  const endpoint = group.ConfigurationEndpoint ?? group.NodeGroups?.[0]?.PrimaryEndpoint;
  return {
    kind: 'replication-group',
    id,
    engine,
    engineVersion: members[0]?.EngineVersion ?? '',
    clusterMode: group.ClusterEnabled ?? false,
    status: group.Status ?? '',
    endpoint: endpointOf(endpoint, group.TransitEncryptionEnabled),
    members: members.map(memberOf)
  };
}

/** The one parameter group of all members. */
export function parameterGroupOf({ id, members }: Cache): string {
  const [name, ...others] = new Set(members.map(({ parameterGroup }) => parameterGroup));
  if (name === undefined)
    throw new ElastiCacheError('ELASTICACHE_STATE', `${id} has no members yet`, {
      remedy: 'Wait until it is available.'
    });
  if (others.length)
    throw new ElastiCacheError(
      'ELASTICACHE_STATE',
      `${id} is between parameter groups: ${[name, ...others].join(', ')}`,
      {
        remedy: 'Wait until the change that is under way has been applied.'
      }
    );
  return name;
}

/** The URL that a client connects to, without credentials. */
export function urlOf({ host, port, tls }: CacheEndpoint): string {
  return `${tls ? 'rediss' : 'redis'}://${host}:${port}`;
}

/** In words, for people. */
export function describeCache({ kind, id, engine, engineVersion, clusterMode, members }: Cache): string {
  const nodes = `${members.length} ${members.length === 1 ? 'node' : 'nodes'}`;
  const what =
    kind === 'cache-cluster' ? 'cache cluster' : `replication group, cluster mode ${clusterMode ? 'on' : 'off'}`;
  return `${id}: ${what}, ${engine} ${engineVersion}, ${nodes}`;
}

function memberOf(cluster: CacheCluster): CacheMember {
  return {
    id: cluster.CacheClusterId ?? '',
    status: cluster.CacheClusterStatus ?? '',
    parameterGroup: cluster.CacheParameterGroup?.CacheParameterGroupName ?? '',
    applyStatus: cluster.CacheParameterGroup?.ParameterApplyStatus ?? ''
  };
}

function engineOf(id: string, { Engine: engine = 'redis' }: Pick<CacheCluster, 'Engine'>): string {
  if (ENGINES.has(engine)) return engine;
  throw new ElastiCacheError('ELASTICACHE_UNSUPPORTED', `${id} runs ${engine}, which has no keyspace notifications`);
}

function endpointOf(endpoint: Endpoint | undefined, tls = false): CacheEndpoint | undefined {
  if (endpoint?.Address === undefined) return undefined;
  return { host: endpoint.Address, port: endpoint.Port ?? 6379, tls };
}
