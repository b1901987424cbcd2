import { roleOf, type ClusterView, type ClusterViewNode } from './cluster-view';
import { latestLines } from './latest-lines';
import { claimedSlots } from './slot-claims';
import { makeTopology, type NodeDraft, type Topology } from './topology';

/** The host and port by which upstream names a node. */
export type EndpointOf = (node: ClusterViewNode) => { host: string; port: number };

/**
 * One topology from what several nodes say, the same in whatever order they say it. A slot goes to the claim
 * with the greatest configuration epoch (see `claimedSlots`), the rest of a node is what its latest line says.
 * Costs O(lines + ranges + slots).
 * @returns undefined when no view shows a primary with slots: such a view must change nothing.
 */
export function mergeViews(views: readonly ClusterView[], endpointOf: EndpointOf): Topology | undefined {
  const { owners, winners } = claimedSlots(views);
  if (!winners.size) return undefined;
  const drafts: NodeDraft[] = [];
  for (const line of latestLines(views).values()) {
    const role = roleOf(line);
    // A failed primary whose slots have been taken over says nothing, and comes back as a replica.
    if (!role || (role === 'primary' && line.flags.has('fail') && !winners.has(line.id))) continue;
    const { host, port } = endpointOf(line);
    if (!host || !port) continue;
    const { id, primaryId, importing, migrating } = line;
    drafts.push({
      id,
      host,
      port,
      address: `${host}:${port}`,
      role,
      importing,
      migrating,
      ...(role === 'replica' && { primaryId })
    });
  }
  return makeTopology(drafts, slot => owners[slot]);
}
