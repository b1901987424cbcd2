import {
  type FakeAccount,
  type FakeCluster,
  type FakeEndpoint,
  type FakeReplicationGroup,
  VERSIONS
} from './fake-account';
import { ServiceFault } from './service-fault';
import { list, type Xml, type XmlObject } from './xml';

/** The form of a request. */
export type Form = ReadonlyMap<string, string>;

/** What one action does and answers. */
export type Action = (account: FakeAccount, form: Form, pageSize: number) => XmlObject;

/** The actions of ElastiCache that the command uses. */
export const ACTIONS: Readonly<Record<string, Action>> = {
  DescribeCacheClusters(account, form, pageSize) {
    account.tick();
    return page('CacheClusters', 'CacheCluster', account.clusters.map(clusterXml), form, pageSize);
  },

  DescribeReplicationGroups(account, form, pageSize) {
    const id = form.get('ReplicationGroupId');
    const groups = id === undefined ? account.groups : [account.group(id)];
    return page('ReplicationGroups', 'ReplicationGroup', groups.map(groupXml), form, pageSize);
  },

  DescribeServerlessCaches(account) {
    const caches = account.serverless.map(({ name, host }) => ({
      ServerlessCacheName: name,
      Status: 'available',
      Endpoint: endpointXml({ host, port: 6379 }),
      ReaderEndpoint: endpointXml({ host, port: 6380 })
    }));
    return { ServerlessCaches: list('member', caches) };
  },

  DescribeCacheParameterGroups({ parameterGroups }, form) {
    return parameterGroups.describe(parameterGroups.get(required(form, 'CacheParameterGroupName')));
  },

  DescribeCacheParameters({ parameterGroups }, form, pageSize) {
    const { values, family } = parameterGroups.get(required(form, 'CacheParameterGroupName'));
    return page('Parameters', 'Parameter', parameterGroups.parametersOf(values, family), form, pageSize);
  },

  DescribeEngineDefaultParameters({ parameterGroups }, form, pageSize) {
    const family = required(form, 'CacheParameterGroupFamily');
    const all = parameterGroups.parametersOf(new Map(), family);
    return { EngineDefaults: page('Parameters', 'Parameter', all, form, pageSize) };
  },

  DescribeCacheEngineVersions(_account, form, pageSize) {
    const own = VERSIONS.filter(([engine]) => engine === form.get('Engine'));
    const versions = (form.get('DefaultOnly') === 'true' ? own.slice(-1) : own).map(([engine, version, family]) => ({
      Engine: engine,
      EngineVersion: version,
      CacheParameterGroupFamily: family
    }));
    return page('CacheEngineVersions', 'CacheEngineVersion', versions, form, pageSize);
  },

  CreateCacheParameterGroup({ parameterGroups }, form) {
    required(form, 'Description');
    const name = required(form, 'CacheParameterGroupName');
    parameterGroups.create(name, required(form, 'CacheParameterGroupFamily'));
    return { CacheParameterGroup: { CacheParameterGroupName: name } };
  },

  ModifyCacheParameterGroup(account, form) {
    const name = required(form, 'CacheParameterGroupName');
    const prefix = 'ParameterNameValues.ParameterNameValue';
    const values: [string, string][] = [];
    for (let at = 1; form.has(`${prefix}.${at}.ParameterName`); at++)
      values.push([form.get(`${prefix}.${at}.ParameterName`)!, form.get(`${prefix}.${at}.ParameterValue`) ?? '']);
    account.parameterGroups.modify(name, values);
    account.apply(name);
    return { CacheParameterGroupName: name };
  },

  DeleteCacheParameterGroup({ parameterGroups }, form) {
    parameterGroups.delete(required(form, 'CacheParameterGroupName'));
    return {};
  },

  ModifyCacheCluster(account, form) {
    const cluster = account.cluster(required(form, 'CacheClusterId'));
    applyNow(form);
    if (cluster.groupId !== undefined)
      throw new ServiceFault('InvalidParameterValue', `${cluster.id} is a member of ${cluster.groupId}: modify that.`);
    if (cluster.status !== 'available')
      throw new ServiceFault('InvalidCacheClusterState', `Cache cluster ${cluster.id} is not in available state.`);
    account.use(required(form, 'CacheParameterGroupName'), [cluster]);
    return { CacheCluster: clusterXml(cluster) };
  },

  ModifyReplicationGroup(account, form) {
    const group = account.group(required(form, 'ReplicationGroupId'));
    applyNow(form);
    if (group.status !== 'available')
      throw new ServiceFault('InvalidReplicationGroupState', `Replication group ${group.id} is not available.`);
    account.use(required(form, 'CacheParameterGroupName'), account.membersOf(group), group);
    return { ReplicationGroup: groupXml(group) };
  },

  CreateReplicationGroup(account, form) {
    const id = required(form, 'ReplicationGroupId');
    if (account.groups.some(group => group.id === id))
      throw new ServiceFault('ReplicationGroupAlreadyExists', `Replication group ${id} already exists.`);
    const [engine, engineVersion] = [required(form, 'Engine'), required(form, 'EngineVersion')];
    const parameterGroup = required(form, 'CacheParameterGroupName');
    const clusterMode = form.has('NumNodeGroups');
    account.checkFit(parameterGroup, engine, engineVersion, clusterMode);
    checkNodes(form, clusterMode);
    const group = account.addGroup(id, {
      engine,
      engineVersion,
      parameterGroup,
      clusterMode,
      tls: form.get('TransitEncryptionEnabled') === 'true',
      shards: Number(form.get('NumNodeGroups') ?? 1),
      replicas: clusterMode ? Number(form.get('ReplicasPerNodeGroup')) : Number(form.get('NumCacheClusters')) - 1
    });
    const all = [group, ...account.membersOf(group)];
    for (const each of all) each.status = 'creating';
    account.later(() => {
      for (const each of all) each.status = 'available';
    });
    return { ReplicationGroup: groupXml(group) };
  }
};

function checkNodes(form: Form, clusterMode: boolean): void {
  if (!/^cache\.[a-z0-9]+\.[a-z0-9]+$/.test(required(form, 'CacheNodeType')))
    throw new ServiceFault('InvalidParameterValue', `Invalid CacheNodeType: ${form.get('CacheNodeType')}`);
  const failover = form.get('AutomaticFailoverEnabled') === 'true';
  if (clusterMode && !failover)
    throw new ServiceFault('InvalidParameterCombination', 'Cluster mode requires automatic failover.');
  if (!clusterMode && failover && Number(form.get('NumCacheClusters')) < 2)
    throw new ServiceFault('InvalidParameterCombination', 'Automatic failover requires at least 2 cache clusters.');
}

function applyNow(form: Form): void {
  if (form.get('ApplyImmediately') !== 'true')
    throw new ServiceFault('InvalidParameterCombination', 'Nothing happens before the maintenance window.');
}

function required(form: Form, name: string): string {
  const value = form.get(name);
  if (value) return value;
  throw new ServiceFault('MissingParameter', `The parameter ${name} must be provided.`);
}

/** One page, and the marker of the next. */
function page(element: string, item: string, all: readonly Xml[], form: Form, size: number): XmlObject {
  const from = Number(form.get('Marker') ?? 0);
  const next = from + size < all.length ? String(from + size) : undefined;
  return { [element]: list(item, all.slice(from, from + size)), Marker: next };
}

function clusterXml(cluster: FakeCluster): XmlObject {
  const node = { CacheNodeId: '0001', CacheNodeStatus: 'available', Endpoint: endpointXml(cluster.endpoint) };
  return {
    CacheClusterId: cluster.id,
    Engine: cluster.engine,
    EngineVersion: cluster.engineVersion,
    CacheClusterStatus: cluster.status,
    ReplicationGroupId: cluster.groupId,
    TransitEncryptionEnabled: cluster.tls,
    CacheParameterGroup: {
      CacheParameterGroupName: cluster.parameterGroup,
      ParameterApplyStatus: cluster.applyStatus,
      CacheNodeIdsToReboot: ''
    },
    CacheNodes: list('CacheNode', [node])
  };
}

function groupXml(group: FakeReplicationGroup): XmlObject {
  const { id, clusterMode, tls, engine, shards, endpoint, status } = group;
  const isReady = status !== 'creating';
  const nodeGroups = shards.map((members, shard) => ({
    NodeGroupId: `000${shard + 1}`,
    Status: status,
    PrimaryEndpoint: clusterMode || !isReady ? undefined : endpointXml(endpoint),
    NodeGroupMembers: list(
      'NodeGroupMember',
      members.map(member => ({ CacheClusterId: member.id, ReadEndpoint: endpointXml(member.endpoint) }))
    )
  }));
  return {
    ReplicationGroupId: id,
    Status: status,
    ClusterEnabled: clusterMode,
    TransitEncryptionEnabled: tls,
    Engine: engine,
    MemberClusters: list(
      'ClusterId',
      shards.flat().map(member => member.id)
    ),
    NodeGroups: list('NodeGroup', nodeGroups),
    ConfigurationEndpoint: clusterMode && isReady ? endpointXml(endpoint) : undefined
  };
}

function endpointXml({ host, port }: FakeEndpoint): XmlObject {
  return { Address: host, Port: port };
}
