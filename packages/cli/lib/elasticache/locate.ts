import type { CacheCluster, Endpoint, ReplicationGroup } from '@aws-sdk/client-elasticache';
import { quote } from '../given-options';
import { cacheOfCluster, cacheOfGroup, type Cache } from './cache';
import { ElastiCacheError } from './errors';
import { unless, type Service } from './service';

/** Which cache is meant: by its identifier, or by a host that clients connect to. */
export type Wanted = { readonly id: string } | { readonly host: string };

/** A cache, and all nodes of the account, since others may share its parameter group. */
export interface Found {
  readonly cache: Cache;
  readonly clusters: readonly CacheCluster[];
}

/**
 * Finds a cache by the identifier of a replication group, of one of its members, or of a cache cluster on its own; or by
 * any of their endpoints.
 *
 * @throws {ElastiCacheError} when there is none, or when it is serverless
 */
export function findCache(service: Service, wanted: Wanted): Promise<Found> {
  return 'id' in wanted ? findById(service, wanted.id) : findByHost(service, wanted.host);
}

async function findById(service: Service, id: string): Promise<Found> {
  const group = await service.replicationGroup(id);
  const clusters = await service.cacheClusters();
  if (group !== undefined) return { cache: cacheOfGroup(group, clusters), clusters };
  const cluster = clusters.find(({ CacheClusterId }) => CacheClusterId?.toLowerCase() === id.toLowerCase());
  if (cluster !== undefined) return { cache: await cacheWith(service, cluster, clusters), clusters };
  await refuseServerless(service, ({ ServerlessCacheName: name }) => name?.toLowerCase() === id.toLowerCase());
  throw await notFound(service, `cache ${JSON.stringify(id)}`);
}

async function findByHost(service: Service, host: string): Promise<Found> {
  const name = hostName(host);
  const is = (endpoint: Endpoint | undefined) => endpoint?.Address?.toLowerCase() === name;
  const [groups, clusters] = [await service.replicationGroups(), await service.cacheClusters()];
  const group = groups.find(candidate => endpointsOf(candidate).some(is));
  if (group !== undefined) return { cache: cacheOfGroup(group, clusters), clusters };
  const cluster = clusters.find(({ CacheNodes = [] }) => CacheNodes.some(({ Endpoint }) => is(Endpoint)));
  if (cluster !== undefined) return { cache: await cacheWith(service, cluster, clusters), clusters };
  await refuseServerless(service, ({ Endpoint, ReaderEndpoint }) => is(Endpoint) || is(ReaderEndpoint));
  throw await notFound(service, `cache with the endpoint ${JSON.stringify(name)}`);
}

async function cacheWith(service: Service, cluster: CacheCluster, clusters: readonly CacheCluster[]): Promise<Cache> {
  const { ReplicationGroupId: groupId } = cluster;
  const group = groupId === undefined ? undefined : await service.replicationGroup(groupId);
  return group === undefined ? cacheOfCluster(cluster) : cacheOfGroup(group, clusters);
}

/** A host as people paste it: with a scheme, credentials, a port, a final dot, or capitals. */
function hostName(text: string): string {
  const [, name = ''] = /^(?:\w+:\/\/)?(?:[^@/]*@)?([^:/]+?)\.?(?::\d+)?(?:\/.*)?$/.exec(text.trim()) ?? [];
  if (name !== '') return name.toLowerCase();
  throw new ElastiCacheError('ELASTICACHE_ARGUMENT', `--host ${quote(text)} is no host name`);
}

function endpointsOf({ ConfigurationEndpoint, NodeGroups = [] }: ReplicationGroup): (Endpoint | undefined)[] {
  const own = NodeGroups.flatMap(({ PrimaryEndpoint, ReaderEndpoint, NodeGroupMembers = [] }) => [
    PrimaryEndpoint,
    ReaderEndpoint,
    ...NodeGroupMembers.map(({ ReadEndpoint }) => ReadEndpoint)
  ]);
  return [ConfigurationEndpoint, ...own];
}

type IsMeant = (cache: Awaited<ReturnType<Service['serverlessCaches']>>[number]) => boolean;

async function refuseServerless(service: Service, isMeant: IsMeant): Promise<void> {
  // Who may not list these has not got one, as far as can be told.
  const caches = await unless('ELASTICACHE_DENIED', () => service.serverlessCaches());
  const cache = caches?.find(isMeant);
  if (cache === undefined) return;
  throw new ElastiCacheError(
    'ELASTICACHE_UNSUPPORTED',
    `${cache.ServerlessCacheName} is serverless: it has no parameter group in which notifications could be enabled`,
    { remedy: 'Use a node-based cache: keyspace elasticache provision makes one.' }
  );
}

async function notFound(service: Service, what: string): Promise<ElastiCacheError> {
  return new ElastiCacheError('ELASTICACHE_NOT_FOUND', `No ${what} in ${await service.region()}`, {
    remedy: 'Check the name, --region and the account of the credentials.'
  });
}
