import { ALL_SLOTS, SLOT_COUNT, rangesByOwner, type SlotRanges } from './slot-ranges';

/** What a node is at the moment. */
export type NodeRole = 'primary' | 'replica';

export interface TopologyNode {
  /** The cluster's node id; elsewhere the address. */
  readonly id: string;
  /** `host:port` as upstream names the node, before `nodeAddressMap`. */
  readonly address: string;
  readonly host: string;
  readonly port: number;
  readonly role: NodeRole;
  /** The primary's id, for a replica. */
  readonly primaryId?: string;
  /** Owned slots; empty for replicas and for primaries without any. */
  readonly slots: SlotRanges;
  /** Slots that this node is importing by the classic way, `[slot-<-id]` in its own view. */
  readonly importing: ReadonlySet<number>;
  /** Slots that are leaving this node by the classic way, `[slot->-id]` in its own view. */
  readonly migrating: ReadonlySet<number>;
}

/**
 * Who owns which slot, who replicates whom: a value. An update makes a new one, or gives the same back when
 * nothing changed, so that `===` tells whether there is anything to do.
 */
export interface Topology {
  readonly nodes: ReadonlyMap<string, TopologyNode>;
  readonly primaries: readonly TopologyNode[];
  /** `owners[slot]` is an index into `primaries`, or -1. */
  readonly owners: Int16Array;
  /** False for standalone and Sentinel: one primary has everything and slots mean nothing. */
  readonly sharded: boolean;
}

const NO_SLOTS: ReadonlySet<number> = new Set();

export type NodeDraft = Omit<TopologyNode, 'slots' | 'importing' | 'migrating'> &
  Partial<Pick<TopologyNode, 'importing' | 'migrating'>>;

/** A topology from nodes and a function that names the owner of a slot. Costs O(nodes + slots). */
export function makeTopology(drafts: readonly NodeDraft[], ownerOf: (slot: number) => string | undefined): Topology {
  const primaryIds = drafts.filter(draft => draft.role === 'primary').map(draft => draft.id);
  const indexes = new Map(primaryIds.map((id, index) => [id, index]));
  const owners = new Int16Array(SLOT_COUNT);
  for (let slot = 0; slot < SLOT_COUNT; slot++) owners[slot] = indexes.get(ownerOf(slot) ?? '') ?? -1;
  const ranges = rangesByOwner(owners, primaryIds.length);
  const nodes = new Map<string, TopologyNode>();
  for (const draft of drafts) {
    const index = indexes.get(draft.id);
    const slots = index === undefined ? [] : ranges[index];
    nodes.set(draft.id, { importing: NO_SLOTS, migrating: NO_SLOTS, ...draft, slots });
  }
  return { nodes, primaries: primaryIds.map(id => nodes.get(id)!), owners, sharded: true };
}

/** Standalone and Sentinel: one primary that has everything, and perhaps replicas. */
export function singleTopology(
  primary: { host: string; port: number; address: string },
  replicas: readonly { host: string; port: number; address: string }[] = []
): Topology {
  const node: TopologyNode = {
    ...primary,
    id: primary.address,
    role: 'primary',
    slots: ALL_SLOTS,
    importing: NO_SLOTS,
    migrating: NO_SLOTS
  };
  const nodes = new Map<string, TopologyNode>([[node.id, node]]);
  for (const replica of replicas) {
    if (nodes.has(replica.address)) continue;
    nodes.set(replica.address, {
      ...replica,
      id: replica.address,
      role: 'replica',
      primaryId: node.id,
      slots: [],
      importing: NO_SLOTS,
      migrating: NO_SLOTS
    });
  }
  return { nodes, primaries: [node], owners: new Int16Array(SLOT_COUNT), sharded: false };
}

/** The owner of a slot; any slot outside a cluster belongs to the one primary. */
export function ownerOf(topology: Topology, slot: number): TopologyNode | undefined {
  return topology.primaries[topology.owners[slot]];
}

/** `next`, or `current` when it says the same. */
export function updateTopology(current: Topology | undefined, next: Topology): Topology {
  return current && sameTopology(current, next) ? current : next;
}

/** Has a primary become a replica, and who owns its slots now is not known yet? */
export function isInterregnum(previous: Topology | undefined, next: Topology): boolean {
  if (!previous?.sharded || !next.sharded) return false;
  return previous.primaries.some(
    ({ id, slots }) =>
      next.nodes.get(id)?.role === 'replica' &&
      slots.some(([from, to]) => next.owners.subarray(from, to + 1).includes(-1))
  );
}

function sameTopology(a: Topology, b: Topology): boolean {
  if (a.nodes.size !== b.nodes.size || a.sharded !== b.sharded) return false;
  for (const node of a.nodes.values()) {
    const other = b.nodes.get(node.id);
    if (!other || !sameNode(node, other)) return false;
  }
  return true;
}

function sameNode(a: TopologyNode, b: TopologyNode): boolean {
  return (
    a.address === b.address &&
    a.role === b.role &&
    a.primaryId === b.primaryId &&
    a.slots.length === b.slots.length &&
    a.slots.every(([from, to], index) => b.slots[index][0] === from && b.slots[index][1] === to) &&
    sameSet(a.importing, b.importing) &&
    sameSet(a.migrating, b.migrating)
  );
}

function sameSet(a: ReadonlySet<number>, b: ReadonlySet<number>): boolean {
  if (a.size !== b.size) return false;
  for (const item of a) if (!b.has(item)) return false;
  return true;
}
