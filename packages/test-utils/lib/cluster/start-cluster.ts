import { TestKitUsageError, quote } from '../errors';
import type { ServerConfig } from '../processes/config-file';
import type { ServerBinary } from '../servers/server-binary';
import { SERVER_DEFAULTS, startServer } from '../standalone/start-standalone';
import { ClusterNode } from './cluster-node';
import { meet, replicate, waitUntilMet } from './meeting';
import { divideSlots, type SlotRange } from './slot-ranges';
import { TestCluster } from './test-cluster';

/** How a cluster is made. */
export interface ClusterOptions {
  /** @default 3 */
  primaries?: number;
  /** Replicas of each primary. @default 0 */
  replicas?: number;
  /** ms of silence after which a node counts as failed: cluster-node-timeout. @default 2_000 */
  nodeTimeout?: number;
  /** Directives for every node, over the kit's own. */
  config?: ServerConfig;
  /** Number of databases: cluster-databases, Valkey 9. @default 1 */
  databases?: number;
  /** The slots of each primary; one may have none. @default shared out evenly */
  slots?: readonly (readonly SlotRange[])[];
  /** Speak TLS and nothing else, on the bus too, as `TLS_IDENTITY`. @default false */
  tls?: boolean;
}

/** Starts a cluster and resolves when all its nodes agree and every slot is served. */
export async function startCluster(binary: ServerBinary, options: ClusterOptions = {}): Promise<TestCluster> {
  const { primaries = 3, replicas = 0, databases = 1, slots = divideSlots(primaries), tls } = options;
  if (slots.length !== primaries) {
    throw new TestKitUsageError(`${primaries} primaries need ${primaries} slot lists, not ${slots.length}`);
  }
  if (databases > 1 && !binary.supports('clusterDatabases')) {
    throw new TestKitUsageError(`${binary.label} has one database in a cluster, not ${quote(databases)}`);
  }
  const config = clusterConfig(options);
  const launch = async () => {
    const node = await startServer(binary, (...args) => new ClusterNode(binary, ...args), { config, tls });
    await node.identify();
    return node;
  };
  const launched = await Promise.allSettled(Array.from({ length: primaries * (1 + replicas) }, launch));
  const nodes = launched.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []));
  const cluster = new TestCluster(binary, nodes, launch, databases);
  try {
    const failed = launched.find(result => result.status === 'rejected');
    if (failed) {
      throw failed.reason;
    }
    await form(nodes, slots);
    await cluster.waitUntilStable();
    return cluster;
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

function clusterConfig({ nodeTimeout = 2_000, databases = 1, config }: ClusterOptions): ServerConfig {
  return {
    ...SERVER_DEFAULTS,
    'cluster-enabled': 'yes',
    'cluster-config-file': 'nodes.conf',
    'cluster-node-timeout': nodeTimeout,
    'cluster-announce-ip': '127.0.0.1',
    'cluster-replica-validity-factor': 0,
    'cluster-allow-replica-migration': 'no',
    ...(databases > 1 ? { 'cluster-databases': databases } : {}),
    ...config
  };
}

/** The first nodes become primaries, the others their replicas in turn. */
async function form(nodes: readonly ClusterNode[], slots: readonly (readonly SlotRange[])[]): Promise<void> {
  const primaries = nodes.slice(0, slots.length);
  await Promise.all(
    primaries.map(async (node, index) => {
      await node.command('CLUSTER', 'SET-CONFIG-EPOCH', index + 1);
      if (slots[index].length > 0) {
        await node.command('CLUSTER', 'ADDSLOTSRANGE', ...slots[index].flat());
      }
    })
  );
  await Promise.all(nodes.map((node, index) => meet(node, nodes.slice(index + 1))));
  await waitUntilMet(nodes, nodes);
  await Promise.all(
    nodes.slice(slots.length).map((node, index) => replicate(node, primaries[index % primaries.length], nodes))
  );
}
