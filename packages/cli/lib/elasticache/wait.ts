import { setTimeout as delay } from 'node:timers/promises';
import type { Cache, CacheMember } from './cache';
import { ElastiCacheError } from './errors';

/** How long and how often to look. */
export interface WaitOptions {
  /** Milliseconds between two looks. @default 10_000 */
  readonly interval?: number;
  /** Milliseconds until it is given up. @default 1_800_000 */
  readonly timeout?: number;
  /** Ends the waiting; AWS goes on by itself. */
  readonly abortSignal?: AbortSignal;
  /** What has been seen, when it is not what was seen before. */
  readonly onStatus?: (status: string) => void;
  /** @default the real one */
  readonly clock?: Clock;
}

export interface Clock {
  now(): number;
  sleep(milliseconds: number, signal?: AbortSignal): Promise<unknown>;
}

/** `pending-reboot`: AWS will not apply everything in the group before the nodes are rebooted. */
export type Applied = 'in-sync' | 'pending-reboot';

const CLOCK: Clock = {
  now: () => Date.now(),
  sleep: (milliseconds, signal) => delay(milliseconds, undefined, { signal })
};

/** What changes no parameter group; a cache and each of its nodes have one. */
const AT_REST = new Set(['available', 'snapshotting']);

/** A cache that ended like this becomes available by nobody's waiting. */
const DEAD = new Set(['create-failed', 'deleting', 'deleted', 'restore-failed', 'incompatible-network']);

/**
 * Waits until every member has the parameter group, and has applied it. The first look comes after an interval: right
 * after a change AWS still says `in-sync`. A look that fails for a passing reason counts as none.
 */
export async function waitUntilApplied(
  read: () => Promise<Cache>,
  parameterGroup: string,
  { interval = 10_000, timeout = 1_800_000, abortSignal, onStatus, clock = CLOCK }: WaitOptions = {}
): Promise<Applied> {
  const deadline = clock.now() + timeout;
  let seen = '';
  for (;;) {
    await clock.sleep(interval, abortSignal);
    const cache = await read().catch(unlessPassing);
    const status = cache === undefined ? 'no answer' : statusOf(cache, parameterGroup);
    if (status !== seen) onStatus?.(status);
    seen = status;
    if (isApplied(status)) return status;
    if (cache !== undefined && DEAD.has(cache.status))
      throw new ElastiCacheError('ELASTICACHE_STATE', `${cache.id} is ${cache.status}`);
    if (clock.now() >= deadline) throw tooLate(timeout, status);
  }
}

/** Whether AWS has done what it does by itself. */
export function isApplied(status: string): status is Applied {
  return status === 'in-sync' || status === 'pending-reboot';
}

/** One word for the whole cache: the result, or what is still missing. */
export function statusOf({ status, members }: Cache, parameterGroup: string): string {
  if (!AT_REST.has(status) || members.length === 0) return status;
  const missing = members.find(member => !hasSettled(member, parameterGroup));
  if (missing === undefined)
    return members.every(({ applyStatus }) => applyStatus === 'in-sync') ? 'in-sync' : 'pending-reboot';
  if (missing.parameterGroup !== parameterGroup) return `${missing.id} has ${missing.parameterGroup}`;
  return `${missing.id} is ${AT_REST.has(missing.status) ? missing.applyStatus : missing.status}`;
}

function hasSettled(member: CacheMember, parameterGroup: string): boolean {
  return AT_REST.has(member.status) && member.parameterGroup === parameterGroup && isApplied(member.applyStatus);
}

function unlessPassing(error: unknown): undefined {
  const code = error instanceof ElastiCacheError ? error.code : undefined;
  if (code === 'ELASTICACHE_THROTTLED' || code === 'ELASTICACHE_UNREACHABLE') return undefined;
  throw error;
}

function tooLate(timeout: number, status: string): ElastiCacheError {
  return new ElastiCacheError('ELASTICACHE_TIMEOUT', `Not applied after ${timeout / 1_000} s: ${status}`, {
    remedy: 'AWS goes on by itself: keyspace elasticache verify tells when it is done.'
  });
}
