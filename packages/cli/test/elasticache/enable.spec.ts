import assert from 'node:assert/strict';
import { enable, prepareEnable, type EnableOptions } from '../../lib/elasticache/enable';
import { type ElastiCacheError } from '../../lib/elasticache/errors';
import type { Service } from '../../lib/elasticache/service';
import { FakeElastiCache } from './fake-elasticache';
import { serviceOf, SHORT_WAIT } from './service';

describe('enable on ElastiCache', () => {
  let fake: FakeElastiCache;
  let service: Service;
  beforeEach(async () => {
    fake = await FakeElastiCache.start();
    service = serviceOf(fake);
  });
  afterEach(async () => {
    service.close();
    await fake.stop();
  });

  const prepare = (id: string, options: Partial<EnableOptions> = {}) =>
    prepareEnable(service, { wanted: { id }, letters: 'KEA', ...options });
  const run = async (id: string, options: Partial<EnableOptions> = {}) => {
    const prepared = await prepare(id, options);
    return { ...prepared, applied: await enable(service, prepared, { wait: SHORT_WAIT }) };
  };
  const valuesOf = (name: string) => Object.fromEntries(fake.account.parameterGroups.get(name).values);

  const VERSIONS: [engine: string, version: string, family: string][] = [
    ['redis', '4.0.10', 'redis4.0'],
    ['redis', '5.0.6', 'redis5.0'],
    ['redis', '6.2.6', 'redis6.x'],
    ['redis', '7.1.0', 'redis7'],
    ['valkey', '7.2.6', 'valkey7'],
    ['valkey', '8.1.0', 'valkey8'],
    ['valkey', '9.0.0', 'valkey9']
  ];
  for (const [engine, engineVersion, family] of VERSIONS) {
    it(`copies the default group of ${engine} ${engineVersion} as one of family ${family}`, async () => {
      const group = fake.account.addGroup('sessions', { engine, engineVersion });
      const { applied, before, after } = await run('sessions');
      assert.deepEqual([applied, before, after], ['in-sync', '', 'KEA']);
      assert.equal(fake.account.parameterGroups.get('sessions-keyspace').family, family);
      for (const member of fake.account.membersOf(group)) assert.equal(member.parameterGroup, 'sessions-keyspace');
    });
  }

  it('copies the default group of a cache cluster on its own', async () => {
    const cluster = fake.account.addCluster('single');
    assert.equal((await run('single')).applied, 'in-sync');
    assert.deepEqual(fake.changes, ['CreateCacheParameterGroup', 'ModifyCacheParameterGroup', 'ModifyCacheCluster']);
    assert.deepEqual(valuesOf('single-keyspace'), { 'notify-keyspace-events': 'KEA' });
    assert.equal(cluster.parameterGroup, 'single-keyspace');
  });

  for (const engine of ['redis', 'valkey']) {
    it(`keeps cluster mode on in the copy, for every shard of ${engine}`, async () => {
      const engineVersion = engine === 'redis' ? '7.1.0' : '8.0.1';
      const group = fake.account.addGroup('big', { engine, engineVersion, clusterMode: true, shards: 3 });
      assert.equal((await run('big')).applied, 'in-sync');
      assert.deepEqual(valuesOf('big-keyspace'), { 'cluster-enabled': 'yes', 'notify-keyspace-events': 'KEA' });
      const members = fake.account.membersOf(group);
      assert.equal(members.length, 6);
      for (const member of members) assert.equal(member.parameterGroup, 'big-keyspace');
    });
  }

  it('changes a custom group in place, adds to what is on, and names who shares it', async () => {
    fake.account.parameterGroups.create('mine', 'redis7', { 'notify-keyspace-events': 'Ex', timeout: '300' });
    fake.account.addGroup('first', { parameterGroup: 'mine' });
    fake.account.addGroup('second', { parameterGroup: 'mine' });
    fake.account.addCluster('third', { parameterGroup: 'mine' });
    const { sharedWith, before, after, applied } = await run('first', { letters: 'K$' });
    assert.deepEqual(sharedWith, ['second', 'third']);
    assert.deepEqual([before, after, applied], ['Ex', 'KE$x', 'in-sync']);
    assert.deepEqual(fake.changes, ['ModifyCacheParameterGroup']);
    assert.deepEqual(valuesOf('mine'), { 'notify-keyspace-events': 'KE$x', timeout: '300' });
  });

  it('changes nothing when all is on, but waits for what is under way', async () => {
    fake.account.parameterGroups.create('mine', 'redis7', { 'notify-keyspace-events': 'AKE' });
    const group = fake.account.addGroup('first', { parameterGroup: 'mine' });
    fake.account.apply('mine');
    fake.account.membersOf(group)[1].applyStatus = 'applying';
    const { calls, applied } = await run('first');
    assert.deepEqual([calls, applied, fake.changes], [[], 'in-sync', []]);
  });

  it('does not wait for a look when all is on and applied', async () => {
    fake.account.parameterGroups.create('mine', 'redis7', { 'notify-keyspace-events': 'AKE' });
    fake.account.addGroup('first', { parameterGroup: 'mine' });
    const wait = { interval: 2 ** 30, abortSignal: AbortSignal.abort() };
    assert.equal(await enable(service, await prepare('first'), { wait }), 'in-sync');
  });

  it("keeps the customer's values in a copy of a custom group, more than one call can carry", async () => {
    const own = Object.fromEntries(Array.from({ length: 24 }, (_, index) => [`tuning-${index}`, String(index + 2)]));
    fake.account.parameterGroups.create('mine', 'valkey8', { ...own, 'cluster-enabled': 'yes', maxmemory: '99' });
    fake.account.addGroup('big', { engine: 'valkey', engineVersion: '8.1', clusterMode: true, parameterGroup: 'mine' });
    assert.equal((await run('big', { parameterGroupName: 'copy' })).applied, 'in-sync');
    assert.deepEqual(valuesOf('copy'), { ...own, 'cluster-enabled': 'yes', 'notify-keyspace-events': 'KEA' });
    assert.deepEqual(valuesOf('mine'), { ...own, 'cluster-enabled': 'yes', maxmemory: '99' });
    assert.equal(fake.asked('ModifyCacheParameterGroup').length, 2);
  });

  it('uses a group that exists and differs in nothing else', async () => {
    fake.account.parameterGroups.create('ready', 'redis7', { 'notify-keyspace-events': 'KEA' });
    fake.account.addGroup('first');
    assert.equal((await run('first', { parameterGroupName: 'ready' })).applied, 'in-sync');
    assert.deepEqual(fake.changes, ['ModifyReplicationGroup']);
  });

  const UNFIT: [title: string, family: string, values: Record<string, string>, quoted: RegExp][] = [
    ['of another family', 'valkey8', {}, /ready exists and is of family valkey8, not redis7/],
    [
      'that differs in a value',
      'redis7',
      { timeout: '5', 'maxmemory-policy': 'x' },
      /differs .* maxmemory-policy, timeout/
    ],
    ['of the other cluster mode', 'redis7', { 'cluster-enabled': 'yes' }, /differs .* cluster-enabled/]
  ];
  for (const [title, family, values, quoted] of UNFIT) {
    it(`refuses a group that exists ${title}, and changes nothing`, async () => {
      fake.account.parameterGroups.create('ready', family, values);
      fake.account.addGroup('first');
      await assert.rejects(prepare('first', { parameterGroupName: 'ready' }), {
        code: 'ELASTICACHE_ARGUMENT',
        message: quoted
      });
      assert.deepEqual(fake.changes, []);
    });
  }

  it('only looks when it prepares', async () => {
    fake.account.addGroup('first', { clusterMode: true });
    const { calls } = await prepare('first');
    assert.deepEqual(calls, [
      {
        operation: 'CreateCacheParameterGroup',
        input: {
          CacheParameterGroupName: 'first-keyspace',
          CacheParameterGroupFamily: 'redis7',
          Description: 'default.redis7.cluster.on with keyspace notifications, for first'
        }
      },
      {
        operation: 'ModifyCacheParameterGroup',
        input: {
          CacheParameterGroupName: 'first-keyspace',
          ParameterNameValues: [
            { ParameterName: 'cluster-enabled', ParameterValue: 'yes' },
            { ParameterName: 'notify-keyspace-events', ParameterValue: 'KEA' }
          ]
        }
      },
      {
        operation: 'ModifyReplicationGroup',
        input: { ReplicationGroupId: 'first', CacheParameterGroupName: 'first-keyspace', ApplyImmediately: true }
      }
    ]);
    assert.deepEqual(fake.changes, []);
  });

  it('reads every page', async () => {
    fake.pageSize = 3;
    fake.account.addGroup('other');
    fake.account.addGroup('big', { clusterMode: true, shards: 3 });
    const { cache, after } = await run('big');
    assert.deepEqual([cache.members.length, after], [6, 'KEA']);
  });

  it('does not wait when it is told not to', async () => {
    const cluster = fake.account.addCluster('single');
    assert.equal(await enable(service, await prepare('single'), { wait: false }), undefined);
    assert.equal(cluster.status, 'modifying');
  });

  it('tells of a group that wants a reboot', async () => {
    fake.account.outcome = 'pending-reboot';
    fake.account.addGroup('first');
    assert.equal((await run('first')).applied, 'pending-reboot');
  });

  describe('when AWS refuses', () => {
    it('takes the copy back if the cache cannot be changed now', async () => {
      const group = fake.account.addGroup('first');
      const prepared = await prepare('first');
      group.status = 'snapshotting';
      await assert.rejects(enable(service, prepared, { wait: SHORT_WAIT }), {
        code: 'ELASTICACHE_STATE',
        message: /ModifyReplicationGroup: Replication group first is not available/
      });
      assert.deepEqual(fake.changes.slice(-2), ['ModifyReplicationGroup', 'DeleteCacheParameterGroup']);
      assert.ok(!fake.account.parameterGroups.names.includes('first-keyspace'));
    });

    it('says so if the copy cannot be taken back either', async () => {
      fake.account.addCluster('single').status = 'rebooting cluster nodes';
      fake.fail('DeleteCacheParameterGroup', 'AccessDenied', 'not authorized', { status: 403 });
      await assert.rejects(run('single'), {
        code: 'ELASTICACHE_STATE',
        message: /single is not in available state; parameter group single-keyspace is left: .*not authorized/
      });
    });

    it('passes on that a quota is exceeded', async () => {
      fake.account.addCluster('single');
      fake.fail('CreateCacheParameterGroup', 'CacheParameterGroupQuotaExceeded', 'Quota exceeded.');
      await assert.rejects(run('single'), { code: 'ELASTICACHE_REFUSED', message: /Quota exceeded/ });
      assert.deepEqual(fake.changes, ['CreateCacheParameterGroup']);
    });

    it('names the action that is not allowed', async () => {
      fake.account.addCluster('single');
      fake.fail('ModifyCacheParameterGroup', 'AccessDenied', 'User: x is not authorized', { status: 403 });
      await assert.rejects(run('single'), (error: ElastiCacheError) => {
        assert.equal(error.code, 'ELASTICACHE_DENIED');
        assert.match(error.remedy!, /elasticache:ModifyCacheParameterGroup/);
        return true;
      });
      assert.ok(!fake.account.parameterGroups.names.includes('single-keyspace'));
    });

    it('survives throttling that passes', async () => {
      fake.account.addCluster('single');
      fake.fail('CreateCacheParameterGroup', 'Throttling', 'Rate exceeded', { times: 1 });
      fake.fail('DescribeCacheClusters', 'Throttling', 'Rate exceeded', { times: 1 });
      assert.equal((await run('single')).applied, 'in-sync');
      assert.equal(fake.asked('CreateCacheParameterGroup').length, 2);
    });

    it('tells of throttling that does not pass, after the tries of the SDK', async () => {
      fake.fail('DescribeReplicationGroups', 'Throttling', 'Rate exceeded');
      await assert.rejects(prepare('single'), { code: 'ELASTICACHE_THROTTLED', message: /Rate exceeded/ });
      assert.equal(fake.asked('DescribeReplicationGroups').length, 3);
    });
  });
});
