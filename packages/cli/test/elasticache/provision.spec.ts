import assert from 'node:assert/strict';
import { prepareProvision, provision } from '../../lib/elasticache/provision';
import type { ProvisionRequest } from '../../lib/elasticache/provision-plan';
import type { Service } from '../../lib/elasticache/service';
import { FakeElastiCache } from './fake-elasticache';
import { serviceOf, SHORT_WAIT } from './service';

describe('provision on ElastiCache', () => {
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

  const REQUEST: ProvisionRequest = {
    id: 'fresh',
    description: 'Made by a test',
    engine: 'valkey',
    nodeType: 'cache.t4g.micro',
    clusterMode: false,
    nodeGroups: 1,
    replicas: 1,
    tls: true,
    letters: 'KEA'
  };
  const prepare = (request: Partial<ProvisionRequest> = {}, version?: string) =>
    prepareProvision(service, { ...REQUEST, ...request }, version);
  const run = async (request?: Partial<ProvisionRequest>, version?: string) =>
    provision(service, await prepare(request, version), { wait: SHORT_WAIT });

  it('makes the parameter group first, and a replication group that begins with it', async () => {
    const cache = await run();
    assert.deepEqual(fake.changes, [
      'CreateCacheParameterGroup',
      'ModifyCacheParameterGroup',
      'CreateReplicationGroup'
    ]);
    assert.deepEqual(
      cache!.members.map(({ parameterGroup, applyStatus }) => [parameterGroup, applyStatus]),
      [
        ['fresh-keyspace', 'in-sync'],
        ['fresh-keyspace', 'in-sync']
      ]
    );
    const { values, family } = fake.account.parameterGroups.get('fresh-keyspace');
    assert.deepEqual([family, values.get('notify-keyspace-events')], ['valkey9', 'KEA']);
    assert.equal(cache!.endpoint!.tls, true);
  });

  it('makes shards with cluster mode on', async () => {
    const cache = await run({ engine: 'redis', clusterMode: true, nodeGroups: 3, replicas: 2 }, '7.1');
    assert.deepEqual([cache!.clusterMode, cache!.members.length], [true, 9]);
    const { values, family } = fake.account.parameterGroups.get('fresh-keyspace');
    assert.deepEqual([family, values.get('cluster-enabled')], ['redis7', 'yes']);
  });

  it('makes a single node', async () => {
    assert.equal((await run({ replicas: 0 }))!.members.length, 1);
  });

  for (const [clusterMode, group] of [
    [false, 'default.valkey8'],
    [true, 'default.valkey8.cluster.on']
  ] as const) {
    it(`uses ${group} without notifications`, async () => {
      const cache = await run({ letters: undefined, clusterMode }, '8.0');
      assert.equal(cache!.members[0].parameterGroup, group);
      assert.deepEqual(fake.changes, ['CreateReplicationGroup']);
    });
  }

  const VERSIONS: [asked: string | undefined, made: string][] = [
    [undefined, '9.0'],
    ['8.0', '8.0'],
    ['8', '8.10'],
    ['8.1', '8.1']
  ];
  for (const [asked, made] of VERSIONS) {
    it(`takes version ${asked ?? 'of their choice'} to mean ${made}`, async () => {
      assert.equal((await prepare({}, asked)).engineVersion, made);
    });
  }

  it('uses a group that exists, and adds what it lacks', async () => {
    fake.account.parameterGroups.create('ours', 'valkey8', { 'notify-keyspace-events': 'Kx', timeout: '9' });
    await run({ parameterGroupName: 'ours', letters: 'E$' }, '8.1');
    assert.deepEqual(fake.changes, ['ModifyCacheParameterGroup', 'CreateReplicationGroup']);
    assert.deepEqual(Object.fromEntries(fake.account.parameterGroups.get('ours').values), {
      'notify-keyspace-events': 'KE$x',
      timeout: '9'
    });
  });

  it('passes the network on', async () => {
    await run({ subnetGroup: 'inner', securityGroups: ['sg-1', 'sg-2'] });
    const [{ form }] = fake.asked('CreateReplicationGroup');
    assert.deepEqual(
      ['CacheSubnetGroupName', 'SecurityGroupIds.SecurityGroupId.1', 'SecurityGroupIds.SecurityGroupId.2'].map(name =>
        form.get(name)
      ),
      ['inner', 'sg-1', 'sg-2']
    );
  });

  const WRONG: [request: Partial<ProvisionRequest>, version: string | undefined, message: RegExp][] = [
    [{ id: '1st' }, undefined, /--cluster-id "1st"/],
    [{ id: 'a--b' }, undefined, /--cluster-id "a--b"/],
    [{ nodeGroups: 2 }, undefined, /--num-node-groups 2: more than 1 needs cluster mode/],
    [{ nodeGroups: 0, clusterMode: true }, undefined, /--num-node-groups 0: 1 to 500/],
    [{ replicas: 6 }, undefined, /--replicas 6: 0 to 5/],
    [{}, '6.9', /--engine-version "6\.9": valkey is offered as 7\.2, 8\.0, 8\.1, 8\.10, 9\.0/],
    [{ id: 'taken' }, undefined, /taken exists already/],
    [{ parameterGroupName: 'old' }, undefined, /Parameter group old is of family valkey7, not valkey9/],
    [{ parameterGroupName: 'old', clusterMode: true }, '7.2', /Parameter group old is one for cluster mode off/]
  ];
  for (const [request, version, message] of WRONG) {
    it(`refuses ${JSON.stringify(request)}${version ? ` of version ${version}` : ''}, and makes nothing`, async () => {
      fake.account.addGroup('taken');
      fake.account.parameterGroups.create('old', 'valkey7');
      await assert.rejects(prepare(request, version), { code: 'ELASTICACHE_ARGUMENT', message });
      assert.deepEqual(fake.changes, []);
    });
  }

  it('takes the parameter group back when the replication group is refused', async () => {
    await assert.rejects(run({ nodeType: 'huge' }), { code: 'ELASTICACHE_REFUSED', message: /Invalid CacheNodeType/ });
    assert.deepEqual(fake.changes.slice(-2), ['CreateReplicationGroup', 'DeleteCacheParameterGroup']);
    assert.ok(!fake.account.parameterGroups.names.includes('fresh-keyspace'));
  });

  it('tells of a replication group that could not be made', async () => {
    const prepared = await prepare();
    fake.account.latency = 1_000;
    const failing = provision(service, prepared, {
      wait: { ...SHORT_WAIT, onStatus: () => (fake.account.group('fresh').status = 'create-failed') }
    });
    await assert.rejects(failing, { code: 'ELASTICACHE_STATE', message: 'fresh is create-failed' });
  });
});
