import assert from 'node:assert/strict';
import { describeCache } from '../../lib/elasticache/cache';
import { findCache } from '../../lib/elasticache/locate';
import type { Service } from '../../lib/elasticache/service';
import { FakeElastiCache } from './fake-elasticache';
import { serviceOf } from './service';

describe('findCache', () => {
  let fake: FakeElastiCache;
  let service: Service;
  before(async () => {
    fake = await FakeElastiCache.start();
    service = serviceOf(fake);
    fake.account.addCluster('single');
    fake.account.addGroup('plain', { engine: 'valkey', engineVersion: '8.0.1' });
    fake.account.addGroup('big', { clusterMode: true, shards: 2, tls: true });
    fake.account.addCluster('old', { engine: 'memcached', engineVersion: '1.6.22' });
    fake.account.serverless.push({ name: 'cloudy', host: 'cloudy-abc123.serverless.use1.cache.amazonaws.com' });
  });
  after(async () => {
    service.close();
    await fake.stop();
  });

  const HOSTS: [host: string, id: string][] = [
    ['single.abc123.0001.use1.cache.amazonaws.com', 'single'],
    ['SINGLE.abc123.0001.use1.cache.amazonaws.com.', 'single'],
    ['redis://user:secret@single.abc123.0001.use1.cache.amazonaws.com:6379/0', 'single'],
    ['plain.abc123.ng.0001.use1.cache.amazonaws.com:6379', 'plain'],
    ['plain-002.abc123.0001.use1.cache.amazonaws.com', 'plain'],
    ['big.abc123.clustercfg.use1.cache.amazonaws.com', 'big'],
    ['big-0002-001.abc123.0001.use1.cache.amazonaws.com', 'big']
  ];
  for (const [host, id] of HOSTS) {
    it(`looks ${host} up`, async () => {
      assert.equal((await findCache(service, { host })).cache.id, id);
    });
  }

  const IDS: [id: string, described: string][] = [
    ['single', 'single: cache cluster, redis 7.1.0, 1 node'],
    ['Single', 'single: cache cluster, redis 7.1.0, 1 node'],
    ['plain', 'plain: replication group, cluster mode off, valkey 8.0.1, 2 nodes'],
    ['plain-001', 'plain: replication group, cluster mode off, valkey 8.0.1, 2 nodes'],
    ['big', 'big: replication group, cluster mode on, redis 7.1.0, 4 nodes']
  ];
  for (const [id, described] of IDS) {
    it(`finds ${id}`, async () => {
      assert.equal(describeCache((await findCache(service, { id })).cache), described);
    });
  }

  it('knows where clients connect to, and how', async () => {
    const { cache } = await findCache(service, { id: 'big' });
    assert.deepEqual(cache.endpoint, { host: 'big.abc123.clustercfg.use1.cache.amazonaws.com', port: 6379, tls: true });
  });

  const REFUSED: [wanted: { id: string } | { host: string }, code: string, message: RegExp][] = [
    [{ id: 'cloudy' }, 'ELASTICACHE_UNSUPPORTED', /cloudy is serverless: it has no parameter group/],
    [{ host: 'cloudy-abc123.serverless.use1.cache.amazonaws.com' }, 'ELASTICACHE_UNSUPPORTED', /cloudy is serverless/],
    [{ id: 'old' }, 'ELASTICACHE_UNSUPPORTED', /old runs memcached/],
    [{ id: 'nobody' }, 'ELASTICACHE_NOT_FOUND', /No cache "nobody" in us-east-1/],
    [{ host: 'example.org' }, 'ELASTICACHE_NOT_FOUND', /No cache with the endpoint "example\.org" in us-east-1/],
    [{ host: 'redis://' }, 'ELASTICACHE_ARGUMENT', /--host "redis:\/\/" is no host name/]
  ];
  for (const [wanted, code, message] of REFUSED) {
    it(`refuses ${JSON.stringify(wanted)} with ${code}`, async () => {
      await assert.rejects(findCache(service, wanted), { code, message });
    });
  }

  it('does without the right to list serverless caches', async () => {
    fake.fail('DescribeServerlessCaches', 'AccessDenied', 'not authorized', { status: 403, times: 1 });
    await assert.rejects(findCache(service, { id: 'nobody' }), { code: 'ELASTICACHE_NOT_FOUND' });
  });
});
