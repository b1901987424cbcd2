import { InterruptedError, reasonOf } from '../errors';
import { parameterGroupOf, urlOf, type Cache, type CacheEndpoint } from './cache';
import { isReachable } from './endpoint';
import { ElastiCacheError } from './errors';
import { isSilent, missingLetters } from './flags';
import { findCache, type Wanted } from './locate';
import { isDefaultGroup, notifyValue } from './parameter-group';
import type { Service } from './service';
import { statusOf } from './wait';

/** Proves end to end that the servers behind a URL tell what these letters promise. */
export type SelfTest = (url: string, letters: string) => Promise<SelfTestResult>;

export interface SelfTestResult {
  readonly passed: boolean;
  /** One line for each thing that was tried. */
  readonly details: readonly string[];
}

export interface VerifyOptions {
  readonly wanted: Wanted;
  /** The letters that have to be on. @default any with which a server says something */
  readonly letters?: string;
  readonly selfTest?: SelfTest;
  /** Whether anybody answers at an endpoint. @default tries to connect */
  readonly reach?: (endpoint: CacheEndpoint) => Promise<boolean>;
}

/** Something that keeps notifications from coming. */
export interface VerifyFinding {
  readonly code: 'off' | 'letters-missing' | 'not-applied' | 'pending-reboot' | 'self-test-failed';
  readonly message: string;
  readonly remedy: string;
}

/** `unreachable`: nobody answers from here. `skipped`: not asked for, no endpoint yet, or nothing is on. */
export type SelfTestState = 'passed' | 'failed' | 'unreachable' | 'skipped';

export interface VerifyReport {
  readonly cache: Cache;
  readonly parameterGroup: string;
  /** What the group gives to `notify-keyspace-events`. */
  readonly value: string;
  /** How far the group is applied: `in-sync`, or what is missing. */
  readonly applied: string;
  readonly url: string | undefined;
  readonly selfTest: SelfTestState;
  readonly selfTestDetails: readonly string[];
  readonly findings: readonly VerifyFinding[];
}

/** Looks at the parameter, at whether it is applied, and with `selfTest` at whether notifications come. */
export async function verify(service: Service, options: VerifyOptions): Promise<VerifyReport> {
  const { cache } = await findCache(service, options.wanted);
  const parameterGroup = parameterGroupOf(cache);
  const group = await service.parameterGroup(parameterGroup);
  if (group === undefined)
    throw new ElastiCacheError('ELASTICACHE_NOT_FOUND', `Parameter group ${parameterGroup} is not there`);
  const value = notifyValue(group);
  const applied = statusOf(cache, parameterGroup);
  const url = cache.endpoint && urlOf(cache.endpoint);
  const tested = await runSelfTest(cache.endpoint, value, options);
  return {
    cache,
    parameterGroup,
    value,
    applied,
    url,
    selfTest: tested.state,
    selfTestDetails: tested.details,
    findings: [
      ...valueFindings(cache, parameterGroup, value, options.letters),
      ...appliedFindings(cache, applied),
      ...(tested.state === 'failed' && url !== undefined ? [selfTestFinding(url, value)] : [])
    ]
  };
}

async function runSelfTest(
  endpoint: CacheEndpoint | undefined,
  value: string,
  { selfTest, reach = isReachable }: VerifyOptions
): Promise<{ state: SelfTestState; details: readonly string[] }> {
  if (selfTest === undefined || endpoint === undefined || isSilent(value)) return { state: 'skipped', details: [] };
  if (!(await reach(endpoint))) return { state: 'unreachable', details: [] };
  try {
    const { passed, details } = await selfTest(urlOf(endpoint), value);
    return { state: passed ? 'passed' : 'failed', details };
  } catch (error) {
    if (error instanceof InterruptedError) throw error;
    return { state: 'failed', details: [reasonOf(error)] };
  }
}

function valueFindings({ id }: Cache, group: string, value: string, letters?: string): VerifyFinding[] {
  const remedy = `keyspace elasticache enable --cluster-id ${id}`;
  const what = `notify-keyspace-events is ${JSON.stringify(value)} in ${group}`;
  if (isSilent(value)) {
    const why = isDefaultGroup(group) ? ', which AWS does not let anybody change' : '';
    return [{ code: 'off', message: `${what}${why}: nothing is said`, remedy }];
  }
  const missing = letters === undefined ? '' : missingLetters(value, letters);
  if (missing === '') return [];
  return [
    { code: 'letters-missing', message: `${what}: it lacks ${missing}`, remedy: `${remedy} --events '${letters}'` }
  ];
}

function appliedFindings({ clusterMode, members }: Cache, applied: string): VerifyFinding[] {
  if (applied === 'in-sync') return [];
  if (applied !== 'pending-reboot') {
    const remedy = 'Wait; AWS applies it by itself. If it does not, look at the events of the cache.';
    return [
      {
        code: 'not-applied',
        message: `Not every node is known to have applied the parameter group: ${applied}`,
        remedy
      }
    ];
  }
  const pending = members.filter(({ applyStatus }) => applyStatus === 'pending-reboot').map(member => member.id);
  return [
    {
      code: 'pending-reboot',
      message: `Something in the parameter group, and not this parameter, waits for a reboot of ${pending.join(', ')}`,
      remedy: clusterMode ? NO_REBOOT : `${pending.map(rebootCommand).join(' && ')}   # a reboot empties the node`
    }
  ];
}

const NO_REBOOT =
  'AWS reboots no nodes of a cache with cluster mode on: a new one, restored from a backup, begins with the group.';

function rebootCommand(id: string): string {
  return `aws elasticache reboot-cache-cluster --cache-cluster-id ${id} --cache-node-ids-to-reboot 0001`;
}

function selfTestFinding(url: string, value: string): VerifyFinding {
  return {
    code: 'self-test-failed',
    message: `The self-test has not proved what ${JSON.stringify(value)} promises`,
    remedy: `keyspace doctor --url ${url} (user and password by KEYSPACE_USER and KEYSPACE_PASSWORD)`
  };
}
