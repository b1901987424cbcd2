import type { ClusterNode } from '../../cluster/cluster-node';
import { owners, type Scene, type Step } from '../scene';

/** Planned: a replica of the shard takes over, and the cluster comes to rest. */
export function failover(shard = 0): Step {
  return {
    name: `failover of shard ${shard}`,
    run: async scene => {
      const primaries = await owners(scene);
      await failoverOf(scene, primaries[shard % primaries.length]);
    }
  };
}

/** Every shard, one after the other. */
export function failoverAll(): Step {
  return {
    name: 'failover of all shards',
    run: async scene => {
      for (const primary of await owners(scene)) {
        await scene.log.during(`failover of ${primary.address}`, () => failoverOf(scene, primary));
      }
    }
  };
}

/** Every node is restarted, each as a replica: planned failover, restart, and back. */
export function rollingRestart(): Step {
  return {
    name: 'rolling restart',
    run: async scene => {
      const { cluster, log } = scene;
      for (const primary of await owners(scene)) {
        for (const replica of await cluster.replicas(primary)) {
          await log.during(`restart of the replica ${replica.address}`, () => restart(scene, replica));
        }
        const [replica] = await cluster.replicas(primary);
        await log.during(`failover of ${primary.address}`, () => failoverOf(scene, primary));
        await log.during(`restart of ${primary.address}`, () => restart(scene, primary));
        await log.during(`failover back of ${replica.address}`, () => failoverOf(scene, replica));
      }
    }
  };
}

async function restart({ cluster }: Scene, node: ClusterNode): Promise<void> {
  await cluster.restart(node);
  await cluster.waitUntilStable();
}

async function failoverOf({ cluster }: Scene, primary: ClusterNode): Promise<void> {
  const [replica] = await cluster.replicas(primary);
  await cluster.failover(replica);
  await cluster.waitUntilStable();
}
