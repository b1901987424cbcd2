import type { SlotRanges } from '../plan/slot-ranges';
import { diffTopology } from '../plan/topology-diff';
import type { NodeRole, Topology, TopologyNode } from '../plan/topology';

/** A primary, and slots that it gained, lost or imports. */
export interface KeyspaceSlotChange {
  /** `host:port` */
  readonly node: string;
  /** Both ends included. */
  readonly slots: SlotRanges;
}

/** A node, and what it is. */
export interface KeyspaceMember {
  /** `host:port` */
  readonly node: string;
  /** What it is, or was when it left. */
  readonly role: NodeRole;
}

/**
 * What the nodes are now, and what has become of what they were. All lists of changes are empty when only something
 * else changed: whose replica a node is, an import that has ended, the address of a node.
 */
export interface KeyspaceTopologyChange {
  /** `host:port` of each primary, those without slots included. */
  readonly primaries: readonly string[];
  /** `host:port` of each replica. */
  readonly replicas: readonly string[];
  /** The slots that primaries own now and did not own before. */
  readonly gained: readonly KeyspaceSlotChange[];
  /** The slots that primaries owned and do not own now, also those that are none any more. */
  readonly lost: readonly KeyspaceSlotChange[];
  /** The slots that primaries import by MIGRATE now and did not before. */
  readonly importing: readonly KeyspaceSlotChange[];
  /** Nodes that were not known before. */
  readonly joined: readonly KeyspaceMember[];
  /** Nodes that are not known any more. */
  readonly left: readonly KeyspaceMember[];
  /** `host:port` of replicas that have become primaries. */
  readonly promoted: readonly string[];
  /** `host:port` of primaries that have become replicas. */
  readonly demoted: readonly string[];
}

/** What a user is told of a new topology. Costs O(nodes + slots). */
export function topologyChange(previous: Topology | undefined, next: Topology): KeyspaceTopologyChange {
  const { gained, lost, importing, joined, left, promoted, demoted } = diffTopology(previous, next);
  const nodes = [...next.nodes.values()];
  return {
    primaries: nodes.filter(({ role }) => role === 'primary').map(addressOf),
    replicas: nodes.filter(({ role }) => role === 'replica').map(addressOf),
    gained: slotChanges(gained, next),
    lost: slotChanges(lost, previous),
    importing: slotChanges(importing, next),
    joined: joined.map(memberOf),
    left: left.map(memberOf),
    promoted: promoted.map(addressOf),
    demoted: demoted.map(addressOf)
  };
}

function slotChanges(slots: ReadonlyMap<string, SlotRanges>, topology: Topology | undefined): KeyspaceSlotChange[] {
  return [...slots].map(([id, ranges]) => ({ node: topology!.nodes.get(id)!.address, slots: ranges }));
}

function addressOf({ address }: TopologyNode): string {
  return address;
}

function memberOf({ address: node, role }: TopologyNode): KeyspaceMember {
  return { node, role };
}
