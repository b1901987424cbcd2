import { waitFor } from '../wait';
import type { ClusterNode } from './cluster-node';

/** Introduces a node to each of the others directly, which is faster than gossip. */
export async function meet(node: ClusterNode, others: readonly ClusterNode[]): Promise<void> {
  await Promise.all(others.map(other => node.command('CLUSTER', 'MEET', other.host, other.port)));
}

/** Resolves when each observer has each of the nodes as a full member. */
export async function waitUntilMet(observers: readonly ClusterNode[], nodes: readonly ClusterNode[]): Promise<void> {
  await waitFor('the nodes to know each other', async () => {
    const views = await Promise.all(observers.map(node => node.view()));
    return views.every(view =>
      nodes.every(({ id }) => view.some(node => node.id === id && !node.isPartial && node.isLinked))
    );
  });
}

/** Makes a node a replica and tells everybody at once: a MEET carries the sender's role. */
export async function replicate(
  node: ClusterNode,
  primary: ClusterNode,
  others: readonly ClusterNode[]
): Promise<void> {
  await node.command('CLUSTER', 'REPLICATE', primary.id);
  await meet(
    node,
    others.filter(other => other !== node)
  );
}
