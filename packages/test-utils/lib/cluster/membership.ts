import { waitFor, type WaitOptions } from '../wait';
import type { ClusterNode } from './cluster-node';
import { meet, replicate, waitUntilMet } from './meeting';
import { isInSync } from './stability';

/** How long a manual failover may take before it is asked for again: the server gives up after 5 s. */
const FAILOVER_RETRY = 6_000;

/** Makes a started node a member without slots, known by all and ready to be given some. */
export async function addPrimary(node: ClusterNode, members: readonly ClusterNode[]): Promise<void> {
  const awake = members.filter(member => member.isResponsive);
  await meet(node, awake);
  await waitUntilMet([...awake, node], [...awake, node]);
  // For 2 s after its start a primary calls the cluster down, and refuses keys.
  await waitFor(`${node.address} to serve`, async () =>
    String(await node.command('CLUSTER', 'INFO')).includes('cluster_state:ok')
  );
}

/** Makes a started node a replica, in sync and known as such by all. */
export async function addReplica(
  node: ClusterNode,
  primary: ClusterNode,
  members: readonly ClusterNode[]
): Promise<void> {
  const awake = members.filter(member => member.isResponsive);
  await meet(node, awake);
  await waitUntilMet([...awake, node], [...awake, node]);
  await reparentReplica(node, primary, awake);
}

/** Gives a replica to a primary, perhaps another one than it had; resolves when it is in sync and known as such by all. */
export async function reparentReplica(
  node: ClusterNode,
  primary: ClusterNode,
  members: readonly ClusterNode[]
): Promise<void> {
  const awake = members.filter(member => member.isResponsive);
  await replicate(node, primary, awake);
  await waitFor(`${node.address} to replicate ${primary.address}`, async () => {
    const views = await Promise.all(awake.map(member => member.view()));
    const known = views.every(view => view.find(({ id }) => id === node.id)?.primaryId === primary.id);
    return known && isInSync(node, primary);
  });
}

/** Makes the others forget a node and stops it; resolves when nobody lists it any more. */
export async function removeNode(node: ClusterNode, others: readonly ClusterNode[]): Promise<void> {
  const awake = others.filter(other => other.isResponsive);
  await Promise.all(awake.map(other => other.command('CLUSTER', 'FORGET', node.id)));
  await node.stop();
  await waitFor(`${node.address} to be forgotten`, async () => {
    const views = await Promise.all(awake.map(other => other.view()));
    return views.every(view => !view.some(({ id }) => id === node.id));
  });
}

/** Asks a replica to take over; resolves when it calls itself primary. */
export async function failover(replica: ClusterNode, mode?: 'FORCE' | 'TAKEOVER'): Promise<void> {
  let asked = 0;
  await waitFor(`${replica.address} to be promoted`, async () => {
    if ((await replica.self()).isPrimary) {
      return true;
    }
    if (Date.now() - asked > FAILOVER_RETRY) {
      await replica.command('CLUSTER', 'FAILOVER', ...(mode ? [mode] : []));
      asked = Date.now();
    }
    return false;
  });
}

/** Resolves when one of these replicas calls itself primary. */
export function waitForPromotion(candidates: readonly ClusterNode[], options?: WaitOptions): Promise<ClusterNode> {
  return waitFor(
    'a replica to be promoted',
    async () => {
      for (const replica of candidates) {
        if (replica.isResponsive && (await replica.self()).isPrimary) {
          return replica;
        }
      }
      return undefined;
    },
    options
  );
}
