import type { CacheCluster } from '@aws-sdk/client-elasticache';
import { apply } from './apply';
import { parameterGroupOf, type Cache } from './cache';
import { defaultTarget, planEnable, type EnablePlan } from './enable-plan';
import { ElastiCacheError } from './errors';
import { findCache, type Found, type Wanted } from './locate';
import type { ParameterGroup } from './parameter-group';
import type { Service } from './service';
import type { ServiceCall } from './service-call';
import { isApplied, statusOf, waitUntilApplied, type Applied, type WaitOptions } from './wait';

export interface EnableOptions {
  readonly wanted: Wanted;
  /** The letters that have to be on; those that are on stay on. */
  readonly letters: string;
  /** The group that is to have them. @default the present one, or for one of AWS's own `<id>-keyspace` */
  readonly parameterGroupName?: string;
}

/** What is going to be done. */
export interface Prepared extends EnablePlan {
  readonly cache: Cache;
  /** Other caches that the change of an existing group concerns. */
  readonly sharedWith: readonly string[];
}

/** Looks at everything and changes nothing. */
export async function prepareEnable(service: Service, options: EnableOptions): Promise<Prepared> {
  const found = await findCache(service, options.wanted);
  const { cache } = found;
  const present = await existingGroup(service, parameterGroupOf(cache));
  const name = options.parameterGroupName ?? defaultTarget(cache, present.name);
  const target = name === present.name ? present : await service.parameterGroup(name);
  const plan = planEnable({
    cache,
    wanted: options.letters,
    present,
    name,
    target,
    familyDefaults: target === undefined ? await service.familyDefaults(present.family) : []
  });
  const modifies = plan.calls.some(({ operation }) => operation === 'ModifyCacheParameterGroup');
  return { ...plan, cache, sharedWith: modifies && target !== undefined ? othersWith(name, found) : [] };
}

export interface EnableProgress {
  readonly onCall?: (call: ServiceCall) => void;
  /** How to wait until it is in force; `false` to leave that to AWS. */
  readonly wait: WaitOptions | false;
}

/** Does what was prepared. @returns how far it has come; `undefined` if that was not waited for */
export async function enable(
  service: Service,
  { cache, parameterGroup, calls }: Prepared,
  { onCall, wait }: EnableProgress
): Promise<Applied | undefined> {
  await apply(service, calls, onCall);
  if (wait === false) return undefined;
  const status = statusOf(cache, parameterGroup);
  if (calls.length === 0 && isApplied(status)) return status;
  return waitUntilApplied(async () => (await findCache(service, { id: cache.id })).cache, parameterGroup, wait);
}

async function existingGroup(service: Service, name: string): Promise<ParameterGroup> {
  const group = await service.parameterGroup(name);
  if (group !== undefined) return group;
  throw new ElastiCacheError('ELASTICACHE_NOT_FOUND', `Parameter group ${name} is not there`);
}

function othersWith(name: string, { cache, clusters }: Found): string[] {
  const users = clusters
    .filter(({ CacheParameterGroup: group }) => group?.CacheParameterGroupName === name)
    .map(({ ReplicationGroupId, CacheClusterId }: CacheCluster) => ReplicationGroupId ?? CacheClusterId ?? '');
  return [...new Set(users)].filter(id => id !== cache.id).sort();
}
