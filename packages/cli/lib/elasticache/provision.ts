import { apply } from './apply';
import type { Cache } from './cache';
import { findEngineVersion } from './engine-version';
import { ElastiCacheError } from './errors';
import { findCache } from './locate';
import { checkRequest, groupNameOf, planProvision, type ProvisionPlan, type ProvisionRequest } from './provision-plan';
import type { Service } from './service';
import type { ServiceCall } from './service-call';
import { waitUntilApplied, type WaitOptions } from './wait';

export interface PreparedProvision extends ProvisionPlan {
  readonly id: string;
}

/** Looks at everything and changes nothing. @param version such as `8.0`, or `8` for the latest; else AWS's own choice */
export async function prepareProvision(
  service: Service,
  request: ProvisionRequest,
  version?: string
): Promise<PreparedProvision> {
  checkRequest(request);
  const { id, engine, letters } = request;
  if ((await service.replicationGroup(id)) !== undefined)
    throw new ElastiCacheError('ELASTICACHE_ARGUMENT', `${id} exists already`, {
      remedy: `To turn notifications on: keyspace elasticache enable --cluster-id ${id}`
    });
  const found = await engineVersion(service, engine, version);
  const plan = planProvision(request, {
    engineVersion: found.EngineVersion ?? '',
    family: found.CacheParameterGroupFamily ?? '',
    target: letters === undefined ? undefined : await service.parameterGroup(groupNameOf(request))
  });
  return { ...plan, id };
}

export interface ProvisionProgress {
  readonly onCall?: (call: ServiceCall) => void;
  readonly wait: WaitOptions | false;
}

/** Does what was prepared. @returns the cache, if it was waited for */
export async function provision(
  service: Service,
  { id, parameterGroup, calls }: PreparedProvision,
  { onCall, wait }: ProvisionProgress
): Promise<Cache | undefined> {
  await apply(service, calls, onCall);
  if (wait === false) return undefined;
  const read = async () => (await findCache(service, { id })).cache;
  await waitUntilApplied(read, parameterGroup, wait);
  return read();
}

async function engineVersion(service: Service, engine: string, version?: string) {
  const offered = await service.engineVersions(engine, { defaultOnly: version === undefined });
  const found = version === undefined ? offered[0] : findEngineVersion(offered, version);
  if (found !== undefined) return found;
  const names = offered.map(({ EngineVersion }) => EngineVersion).join(', ') || 'none';
  const asked = version === undefined ? 'no --engine-version' : `--engine-version ${JSON.stringify(version)}`;
  throw new ElastiCacheError('ELASTICACHE_ARGUMENT', `${asked}: ${engine} is offered as ${names}`);
}
