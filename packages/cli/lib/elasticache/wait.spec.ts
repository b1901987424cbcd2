import assert from 'node:assert/strict';
import type { Cache, CacheMember } from './cache';
import { ElastiCacheError } from './errors';
import { waitUntilApplied, type WaitOptions } from './wait';

const IN_SYNC: CacheMember = { id: 'a-001', status: 'available', parameterGroup: 'new', applyStatus: 'in-sync' };

function cacheWith(member: Partial<CacheMember>, status = 'available'): Cache {
  return {
    kind: 'replication-group',
    id: 'a',
    engine: 'redis',
    engineVersion: '7.1.0',
    clusterMode: false,
    status,
    endpoint: undefined,
    members: [IN_SYNC, { ...IN_SYNC, id: 'a-002', ...member }]
  };
}

/** Looks that come one after the other, with a clock that only sleeping moves. */
async function wait(looks: readonly (Cache | Error)[], options: WaitOptions = {}) {
  const told: string[] = [];
  let now = 0;
  let at = 0;
  const read = () => {
    const look = looks[Math.min(at++, looks.length - 1)];
    return look instanceof Error ? Promise.reject(look) : Promise.resolve(look);
  };
  const clock = { now: () => now, sleep: (ms: number) => Promise.resolve((now += ms)) };
  const result = await waitUntilApplied(read, 'new', { clock, onStatus: status => told.push(status), ...options });
  return { result, told, now };
}

describe('waitUntilApplied', () => {
  it('tells each change of what is missing once', async () => {
    const { result, told, now } = await wait([
      cacheWith({}, 'modifying'),
      cacheWith({}, 'modifying'),
      cacheWith({ parameterGroup: 'old' }),
      cacheWith({ status: 'modifying' }),
      cacheWith({ applyStatus: 'applying' }),
      cacheWith({})
    ]);
    assert.equal(result, 'in-sync');
    assert.deepEqual(told, ['modifying', 'a-002 has old', 'a-002 is modifying', 'a-002 is applying', 'in-sync']);
    assert.equal(now, 60_000);
  });

  it('looks for the first time after an interval', async () => {
    assert.equal((await wait([cacheWith({})], { interval: 7 })).now, 7);
  });

  it('takes a cache of which a snapshot is made for one that has applied it', async () => {
    assert.equal((await wait([cacheWith({ status: 'snapshotting' }, 'snapshotting')])).result, 'in-sync');
    assert.equal((await wait([cacheWith({ parameterGroup: 'old' }, 'snapshotting'), cacheWith({})])).now, 20_000);
  });

  it('ends with nodes that want a reboot', async () => {
    assert.equal((await wait([cacheWith({ applyStatus: 'pending-reboot' })])).result, 'pending-reboot');
  });

  it('goes on after throttling and lost connections', async () => {
    const passing = [
      new ElastiCacheError('ELASTICACHE_THROTTLED', 'Rate exceeded'),
      new ElastiCacheError('ELASTICACHE_UNREACHABLE', 'reset')
    ];
    assert.deepEqual((await wait([...passing, cacheWith({})])).told, ['no answer', 'in-sync']);
  });

  it('ends at once with what does not pass', async () => {
    await assert.rejects(wait([new ElastiCacheError('ELASTICACHE_DENIED', 'no')]), { code: 'ELASTICACHE_DENIED' });
    await assert.rejects(wait([cacheWith({}, 'deleting')]), { code: 'ELASTICACHE_STATE', message: 'a is deleting' });
  });

  it('gives up with what was missing last', async () => {
    await assert.rejects(wait([cacheWith({ applyStatus: 'applying' })], { timeout: 30_000 }), {
      code: 'ELASTICACHE_TIMEOUT',
      message: 'Not applied after 30 s: a-002 is applying'
    });
  });

  it('ends by its signal, with the real clock', async () => {
    const abortSignal = AbortSignal.abort();
    await assert.rejects(wait([cacheWith({})], { abortSignal, clock: undefined }), { name: 'AbortError' });
  });
});
