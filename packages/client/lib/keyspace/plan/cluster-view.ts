import type { SlotRange } from './slot-ranges';
import type { NodeRole } from './topology';

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
  const flagSets = new Map<string, ReadonlySet<string>>();
  let myself: string | undefined;
  for (const line of text.split('\n')) {
    const node = parseLine(line.trim().split(' '), flagSets);
    if (!node) continue;
    nodes.set(node.id, node);
    if (node.flags.has('myself')) myself = node.id;
  }
  return { myself, nodes };
}

/** @param flagSets the few sets of flags that the lines of one reply share. */
function parseLine(fields: readonly string[], flagSets: Map<string, ReadonlySet<string>>): ClusterViewNode | undefined {
  const [id, address, flags, primary] = fields;
  const epoch = fields[6];
  if (!id || !flags || !/^\d+$/.test(epoch ?? '')) return undefined;
  if (!flagSets.has(flags)) flagSets.set(flags, new Set(flags.split(',')));
  const { host, port, hostname } = parseAddress(address);
  const { slots, importing, migrating } = parseSlots(fields);
  return {
    id,
    host,
    port,
    hostname,
    flags: flagSets.get(flags)!,
    primaryId: primary === '-' ? undefined : primary,
    configEpoch: Number(epoch),
    slots,
    importing,
    migrating
  };
}

/** `ip:port@busport,hostname,…`; the bus came with Redis 4.0, the hostname with 7.0. */
function parseAddress(address: string): { host: string; port: number; hostname: string } {
  const [endpoint, hostname = ''] = address.includes(',') ? address.split(',', 2) : [address];
  const bus = endpoint.lastIndexOf('@');
  const plain = bus === -1 ? endpoint : endpoint.slice(0, bus);
  const colon = plain.lastIndexOf(':');
  return { host: plain.slice(0, colon), port: Number(plain.slice(colon + 1)), hostname };
}

/** Where the slots begin in a line. */
const SLOTS_FIELD = 8;
const NO_SLOTS: ReadonlySet<number> = new Set();

/** `0-5460`, `7`, `[8->-id]` (leaving) and `[9-<-id]` (coming in). */
function parseSlots(fields: readonly string[]) {
  const slots: SlotRange[] = [];
  const moves = { '<': undefined as Set<number> | undefined, '>': undefined as Set<number> | undefined };
  for (let index = SLOTS_FIELD; index < fields.length; index++) {
    const token = fields[index];
    const move = token.startsWith('[') && /^\[(\d+)-([<>])-/.exec(token);
    if (move) (moves[move[2] as '<' | '>'] ??= new Set()).add(Number(move[1]));
    const range = /^(\d+)(?:-(\d+))?$/.exec(token);
    if (range) slots.push([Number(range[1]), Number(range[2] ?? range[1])]);
  }
  return { slots, importing: moves['<'] ?? NO_SLOTS, migrating: moves['>'] ?? NO_SLOTS };
}

/** @returns undefined for a node that is none yet, or none any more. */
export function roleOf({ flags }: ClusterViewNode): NodeRole | undefined {
  if (flags.has('noaddr') || flags.has('handshake')) return undefined;
  if (flags.has('slave') || flags.has('replica')) return 'replica';
  return flags.has('master') || flags.has('primary') ? 'primary' : undefined;
}
