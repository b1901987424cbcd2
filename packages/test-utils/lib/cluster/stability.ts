import { waitFor, type WaitOptions } from '../wait';
import type { ClusterNode } from './cluster-node';
import { fingerprint, type NodeView } from './cluster-view';
import { SLOTS, expandSlots } from './slot-ranges';

/**
 * Resolves when the cluster is at rest: every node that answers reports
 * cluster_state ok, all describe the same members, roles and slots, all 16,384
 * slots have an owner, who does not answer is flagged as failed and who does is
 * not, and every replica is in sync with its primary.
 */
export async function waitUntilStable(nodes: readonly ClusterNode[], options?: WaitOptions): Promise<void> {
  let obstacle: string | undefined;
  try {
    await waitFor('a stable cluster', async () => !(obstacle = await findObstacle(nodes)), {
      timeout: 30_000,
      ...options
    });
  } catch (error) {
    if (error instanceof Error && obstacle) {
      error.message += ` (${obstacle})`;
    }
    throw error;
  }
}

/** The first thing that is not as it is at rest, or undefined. */
async function findObstacle(nodes: readonly ClusterNode[]): Promise<string | undefined> {
  const awake = nodes.filter(node => node.isResponsive);
  const views = await Promise.all(awake.map(node => node.view()));
  if (new Set(views.map(fingerprint)).size !== 1) {
    return 'the nodes disagree';
  }
  const [view] = views;
  const expected = new Map(nodes.map(node => [node.id, node.isResponsive ? 'ok' : 'failed']));
  const odd = view.find(({ id, health, isPartial }) => isPartial || health !== (expected.get(id) ?? health));
  if (odd) {
    return `${odd.address} is ${odd.isPartial ? 'half known' : odd.health}`;
  }
  const unknown = awake.find(({ id }) => !view.some(node => node.id === id));
  if (unknown) {
    return `${unknown.address} is no member`;
  }
  const owners = view.filter(({ isPrimary, health }) => isPrimary && health === 'ok');
  const covered = owners.reduce((sum, node) => sum + expandSlots(node.slots).length, 0);
  if (covered !== SLOTS) {
    return `${covered} slots are covered`;
  }
  const obstacles = await Promise.all(awake.map(node => findNodeObstacle(node, view, nodes)));
  return obstacles.find(Boolean);
}

async function findNodeObstacle(
  node: ClusterNode,
  view: readonly NodeView[],
  nodes: readonly ClusterNode[]
): Promise<string | undefined> {
  if (!String(await node.command('CLUSTER', 'INFO')).includes('cluster_state:ok')) {
    return `${node.address} does not say cluster_state:ok`;
  }
  const { isPrimary, primaryId } = view.find(({ id }) => id === node.id)!;
  if (isPrimary) {
    return undefined;
  }
  const primary = nodes.find(({ id }) => id === primaryId);
  if (!primary?.isResponsive) {
    return `${node.address} has no living primary`;
  }
  return (await isInSync(node, primary)) ? undefined : `${node.address} is not in sync`;
}

/** Whether both ends say that the replication link is up. */
export async function isInSync(replica: ClusterNode, primary: ClusterNode): Promise<boolean> {
  const [theirs, ours] = await Promise.all([primary.info('replication'), replica.info('replication')]);
  return (
    ours.get('master_link_status') === 'up' &&
    ours.get('master_port') === String(primary.port) &&
    [...theirs.values()].some(value => value.includes(`port=${replica.port},state=online`))
  );
}
