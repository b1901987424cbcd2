import { makeTopology, type NodeDraft, type NodeRole, type Topology } from './topology';
import { SLOT_COUNT, type SlotRange } from './slot-ranges';

/** One line of CLUSTER NODES. */
export interface ClusterViewNode {
  readonly id: string;
  /** Empty when the node does not know its own address yet. */
  readonly host: string;
  readonly port: number;
  /** The announced hostname (Redis >= 7.0), if any. */
  readonly hostname: string;
  readonly flags: ReadonlySet<string>;
  readonly primaryId: string | undefined;
  readonly configEpoch: number;
  readonly slots: readonly SlotRange[];
  readonly importing: ReadonlySet<number>;
  readonly migrating: ReadonlySet<number>;
}

/** What one node says of the cluster: its answer to CLUSTER NODES. */
export interface ClusterView {
  /** The id of the node that answered. */
  readonly myself: string | undefined;
  readonly nodes: ReadonlyMap<string, ClusterViewNode>;
}

/** Lines that cannot be read are left out; a reply that is not CLUSTER NODES gives a view without nodes. */
export function parseClusterNodes(text: string): ClusterView {
  const nodes = new Map<string, ClusterViewNode>();
  let myself: string | undefined;
  for (const line of text.split('\n')) {
    const node = parseLine(line.trim());
    if (!node) continue;
    nodes.set(node.id, node);
    if (node.flags.has('myself')) myself = node.id;
  }
  return { myself, nodes };
}

function parseLine(line: string): ClusterViewNode | undefined {
  const [id, address, flags, primary, , , epoch, , ...slots] = line.split(' ');
  if (!id || address === undefined || !flags || !/^\d+$/.test(epoch ?? '')) return undefined;
  const [endpoint = '', hostname = ''] = address.split(',');
  const bus = endpoint.lastIndexOf('@');
  const plain = bus === -1 ? endpoint : endpoint.slice(0, bus);
  const colon = plain.lastIndexOf(':');
  return {
    id,
    host: plain.slice(0, colon),
    port: Number(plain.slice(colon + 1)),
    hostname,
    flags: new Set(flags.split(',')),
    primaryId: primary === '-' ? undefined : primary,
    configEpoch: Number(epoch),
    ...parseSlots(slots)
  };
}

/** `0-5460`, `7`, `[8->-id]` (leaving) and `[9-<-id]` (coming in). */
function parseSlots(tokens: readonly string[]) {
  const slots: SlotRange[] = [];
  const importing = new Set<number>();
  const migrating = new Set<number>();
  for (const token of tokens) {
    const move = /^\[(\d+)-([<>])-/.exec(token);
    if (move) {
      (move[2] === '<' ? importing : migrating).add(Number(move[1]));
      continue;
    }
    const range = /^(\d+)(?:-(\d+))?$/.exec(token);
    if (range) slots.push([Number(range[1]), Number(range[2] ?? range[1])]);
  }
  return { slots, importing, migrating };
}

/** The host by which upstream names a node: `endpoints` holds what CLUSTER SHARDS or SLOTS say for each id. */
export type EndpointOf = (node: ClusterViewNode) => { host: string; port: number };

/**
 * One topology from what several nodes say. A slot goes to the claim with the greatest configuration epoch,
 * since every take-over makes the taker's epoch the greatest (Redis 7.0-8.8, Valkey 9: classic, atomic,
 * failover); a node that answered itself and does not claim a slot loses it whatever others say, unless they
 * have seen a later epoch of it.
 * @returns undefined when no view shows a primary with slots: such a view must change nothing.
 */
export function mergeViews(views: readonly ClusterView[], endpointOf: EndpointOf): Topology | undefined {
  const known = latestLines(views);
  const owners = claimedSlots(views);
  if (!owners.some(owner => owner !== undefined)) return undefined;
  const drafts: NodeDraft[] = [];
  for (const line of known.values()) {
    const role = roleOf(line);
    // A failed primary whose slots have been taken over says nothing, and comes back as a replica.
    if (!role || (role === 'primary' && line.flags.has('fail') && !owners.includes(line.id))) continue;
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

function roleOf(line: ClusterViewNode): NodeRole | undefined {
  if (line.flags.has('noaddr') || line.flags.has('handshake')) return undefined;
  if (line.flags.has('slave') || line.flags.has('replica')) return 'replica';
  return line.flags.has('master') || line.flags.has('primary') ? 'primary' : undefined;
}

/**
 * Of each node the latest line: the one with the greatest epoch, of equals its own. What moves by the classic
 * way stands on its own line only.
 */
function latestLines(views: readonly ClusterView[]): Map<string, ClusterViewNode> {
  const lines = new Map<string, ClusterViewNode>();
  for (const view of views) {
    for (const line of view.nodes.values()) {
      const best = lines.get(line.id);
      if (!best || isLater(line, best)) lines.set(line.id, withAddress(line, best));
      else if (!best.host && line.host) lines.set(line.id, withAddress(best, line));
    }
  }
  for (const { myself, nodes } of views) {
    if (myself === undefined) continue;
    const { importing, migrating } = nodes.get(myself)!;
    lines.set(myself, { ...lines.get(myself)!, importing, migrating });
  }
  return lines;
}

function isLater(line: ClusterViewNode, best: ClusterViewNode): boolean {
  if (line.configEpoch !== best.configEpoch) return line.configEpoch > best.configEpoch;
  return line.flags.has('myself') && !best.flags.has('myself');
}

function withAddress(line: ClusterViewNode, other: ClusterViewNode | undefined): ClusterViewNode {
  return line.host || !other?.host ? line : { ...line, host: other.host };
}

function claimedSlots(views: readonly ClusterView[]): (string | undefined)[] {
  const owners = new Array<string | undefined>(SLOT_COUNT).fill(undefined);
  const epochs = new Float64Array(SLOT_COUNT).fill(-1);
  const ownClaims = claimsByAnswerers(views);
  for (const view of views) {
    for (const line of view.nodes.values()) {
      const own = ownClaims.get(line.id);
      for (const [from, to] of line.slots) {
        for (let slot = from; slot <= to && slot < SLOT_COUNT; slot++) {
          if (line.configEpoch <= epochs[slot] || (own && line.configEpoch <= own.epoch && !own.slots[slot])) continue;
          epochs[slot] = line.configEpoch;
          owners[slot] = line.id;
        }
      }
    }
  }
  return owners;
}

interface OwnClaim {
  readonly epoch: number;
  /** `[slot]` is 1 where it claims the slot itself. */
  readonly slots: Uint8Array;
}

/** What each node that answered says of itself. */
function claimsByAnswerers(views: readonly ClusterView[]): Map<string, OwnClaim> {
  const claims = new Map<string, OwnClaim>();
  for (const { myself, nodes } of views) {
    if (!myself) continue;
    const line = nodes.get(myself)!;
    const slots = new Uint8Array(SLOT_COUNT);
    for (const [from, to] of line.slots) slots.fill(1, from, to + 1);
    claims.set(myself, { epoch: line.configEpoch, slots });
  }
  return claims;
}
