import { FakeParameterGroups } from './fake-parameter-groups';
import { ServiceFault } from './service-fault';

export interface FakeCluster {
  readonly id: string;
  readonly engine: string;
  readonly engineVersion: string;
  readonly groupId: string | undefined;
  readonly tls: boolean;
  readonly endpoint: FakeEndpoint;
  status: string;
  parameterGroup: string;
  applyStatus: string;
}

export interface FakeEndpoint {
  readonly host: string;
  readonly port: number;
}

export interface FakeGroupOptions {
  readonly engine?: string;
  readonly engineVersion?: string;
  readonly clusterMode?: boolean;
  readonly shards?: number;
  readonly replicas?: number;
  readonly parameterGroup?: string;
  readonly tls?: boolean;
  /** Of the configuration or primary endpoint. */
  readonly endpoint?: FakeEndpoint;
}

export interface FakeReplicationGroup {
  readonly id: string;
  readonly clusterMode: boolean;
  readonly tls: boolean;
  readonly engine: string;
  readonly shards: readonly (readonly FakeCluster[])[];
  readonly endpoint: FakeEndpoint;
  status: string;
}

/** The versions on offer with their families, the default one of each engine last. */
export const VERSIONS: readonly (readonly [engine: string, version: string, family: string])[] = [
  ['redis', '4.0.10', 'redis4.0'],
  ['redis', '5.0.6', 'redis5.0'],
  ['redis', '6.2', 'redis6.x'],
  ['redis', '7.0', 'redis7'],
  ['redis', '7.1', 'redis7'],
  ['valkey', '7.2', 'valkey7'],
  ['valkey', '8.0', 'valkey8'],
  ['valkey', '8.1', 'valkey8'],
  ['valkey', '8.10', 'valkey8'],
  ['valkey', '9.0', 'valkey9']
];

/** The caches of an account. What is asked for is under way for `latency` descriptions of the clusters. */
export class FakeAccount {
  /** How many descriptions of clusters a change takes. */
  latency = 2;
  /** What a change ends as; `pending-reboot` for one that needs more. */
  outcome = 'in-sync';
  readonly parameterGroups = new FakeParameterGroups(() => new Set(this.clusters.map(each => each.parameterGroup)));
  readonly clusters: FakeCluster[] = [];
  readonly groups: FakeReplicationGroup[] = [];
  readonly serverless: { readonly name: string; readonly host: string }[] = [];
  readonly #underWay: { left: number; finish: () => void }[] = [];

  addCluster(id: string, options: FakeGroupOptions & { groupId?: string } = {}): FakeCluster {
    const { engine = 'redis', engineVersion = '7.1.0', tls = false, groupId } = options;
    const family = familyOf(engine, engineVersion);
    const cluster: FakeCluster = {
      id,
      engine,
      engineVersion,
      groupId,
      tls,
      endpoint: options.endpoint ?? { host: `${id}.abc123.0001.use1.cache.amazonaws.com`, port: 6379 },
      status: 'available',
      parameterGroup: options.parameterGroup ?? `default.${family}`,
      applyStatus: 'in-sync'
    };
    this.clusters.push(cluster);
    return cluster;
  }

  addGroup(id: string, options: FakeGroupOptions = {}): FakeReplicationGroup {
    const { clusterMode = false, shards = 1, replicas = 1, engine = 'redis', engineVersion = '7.1.0' } = options;
    const { tls = false, endpoint } = options;
    const family = familyOf(engine, engineVersion);
    const parameterGroup = options.parameterGroup ?? `default.${family}${clusterMode ? '.cluster.on' : ''}`;
    const name = (shard: number, node: number) =>
      clusterMode ? `${id}-000${shard + 1}-00${node + 1}` : `${id}-00${node + 1}`;
    const of = { engine, engineVersion, tls, parameterGroup, groupId: id };
    const group: FakeReplicationGroup = {
      id,
      clusterMode,
      tls,
      engine,
      shards: Array.from({ length: shards }, (_, shard) =>
        Array.from({ length: 1 + replicas }, (_, node) => this.addCluster(name(shard, node), of))
      ),
      endpoint: endpoint ?? { host: hostOf(id, clusterMode), port: 6379 },
      status: 'available'
    };
    this.groups.push(group);
    return group;
  }

  membersOf({ shards }: FakeReplicationGroup): FakeCluster[] {
    return shards.flat();
  }

  cluster(id: string): FakeCluster {
    const cluster = this.clusters.find(each => each.id === id.toLowerCase());
    if (cluster !== undefined) return cluster;
    throw new ServiceFault('CacheClusterNotFound', `CacheCluster not found: ${id}`, 404);
  }

  group(id: string): FakeReplicationGroup {
    const group = this.groups.find(each => each.id === id.toLowerCase());
    if (group !== undefined) return group;
    throw new ServiceFault('ReplicationGroupNotFoundFault', `ReplicationGroup ${id} not found.`, 404);
  }

  /** The members get another parameter group. */
  use(name: string, members: readonly FakeCluster[], group?: FakeReplicationGroup): void {
    this.checkFit(name, members[0].engine, members[0].engineVersion, group?.clusterMode ?? false);
    for (const member of members) [member.status, member.applyStatus] = ['modifying', 'applying'];
    if (group !== undefined) group.status = 'modifying';
    this.later(() => {
      for (const member of members) {
        [member.status, member.applyStatus] = ['available', this.outcome];
        member.parameterGroup = name;
      }
      if (group !== undefined) group.status = 'available';
    });
  }

  /** A value has changed: those that have the group apply it. They say so one description later. */
  apply(name: string): void {
    const members = this.clusters.filter(({ parameterGroup }) => parameterGroup === name);
    this.later(() => {
      for (const member of members) member.applyStatus = this.outcome;
    });
    this.later(() => {
      for (const member of members) member.applyStatus = 'applying';
    }, 1);
  }

  /** As AWS refuses: a group of another family, or of the other cluster mode. */
  checkFit(name: string, engine: string, version: string, clusterMode: boolean): void {
    const { family, values } = this.parameterGroups.get(name);
    const wanted = familyOf(engine, version);
    if (family !== wanted)
      throw new ServiceFault(
        'InvalidParameterCombination',
        `Expected a parameter group of family ${wanted} but found one of family ${family}`
      );
    if ((values.get('cluster-enabled') === 'yes') !== clusterMode)
      throw new ServiceFault('InvalidParameterCombination', `${name} has another value for cluster-enabled`);
  }

  later(finish: () => void, left = this.latency): void {
    this.#underWay.push({ left, finish });
  }

  /** Time passes by being asked. */
  tick(): void {
    for (const change of this.#underWay) change.left--;
    const done = this.#underWay.filter(({ left }) => left < 0);
    for (const change of done) {
      this.#underWay.splice(this.#underWay.indexOf(change), 1);
      change.finish();
    }
  }
}

/** The family that the service pairs with a version. */
export function familyOf(engine: string, version: string): string {
  if (engine === 'memcached') return 'memcached1.6';
  const [, , family] = VERSIONS.find(([name, known]) => name === engine && version.startsWith(known)) ?? [];
  if (family !== undefined) return family;
  throw new ServiceFault('InvalidParameterCombination', `Cannot find version ${version} for ${engine}`);
}

function hostOf(id: string, clusterMode: boolean): string {
  return clusterMode
    ? `${id}.abc123.clustercfg.use1.cache.amazonaws.com`
    : `${id}.abc123.ng.0001.use1.cache.amazonaws.com`;
}
