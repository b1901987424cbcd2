import { addressOf, type Endpoint } from '../connection/link';
import type { Kind } from '../connection/settings';

export type SlotRange = readonly [from: number, to: number];

export const SLOTS = 16_384;

/** A server that belongs to what was connected to. */
export interface FleetNode extends Endpoint {
  /** `host:port` */
  readonly address: string;
  readonly role: 'primary' | 'replica';
  /** Those that it owns, in a cluster. */
  readonly slots: readonly SlotRange[];
  /** Of these, those that are being moved by MIGRATE. */
  readonly movingSlots: ReadonlySet<number>;
}

/** All servers, as the one that was asked knows them. */
export interface Fleet {
  readonly kind: Kind;
  /** `host:port` of the one that was asked; of a Sentinel no node. */
  readonly asked: string;
  /** Primaries first. At least one node. */
  readonly nodes: readonly FleetNode[];
}

export function fleetNode(endpoint: Endpoint, role: FleetNode['role'], slots: Partial<FleetNode> = {}): FleetNode {
  const { host, port } = endpoint;
  return { host, port, address: addressOf(endpoint), role, slots: [], movingSlots: new Set(), ...slots };
}

export function primariesOf({ nodes }: Fleet): readonly FleetNode[] {
  return nodes.filter(({ role }) => role === 'primary');
}

/** In a cluster, the slots that no node owns. */
export function orphanedSlots(fleet: Fleet): readonly SlotRange[] {
  if (fleet.kind !== 'cluster') return [];
  const owned = fleet.nodes.flatMap(({ slots }) => slots).sort(([a], [b]) => a - b);
  const orphaned: SlotRange[] = [];
  let next = 0;
  for (const [from, to] of [...owned, [SLOTS, SLOTS] as const]) {
    if (from > next) orphaned.push([next, from - 1]);
    next = Math.max(next, to + 1);
  }
  return orphaned;
}

/** `a cluster of 3 primaries and 1 replica` */
export function describeFleet(fleet: Fleet): string {
  const count = (role: FleetNode['role'], plural: string) => {
    const number = fleet.nodes.filter(node => node.role === role).length;
    return `${number} ${number === 1 ? role : plural}`;
  };
  const replicas = fleet.nodes.some(({ role }) => role === 'replica') ? ` and ${count('replica', 'replicas')}` : '';
  switch (fleet.kind) {
    case 'cluster':
      return `a cluster of ${count('primary', 'primaries')}${replicas}`;
    case 'sentinel':
      return `${count('primary', 'primaries')}${replicas}, watched by Sentinel`;
    case 'standalone':
      return fleet.nodes.length === 1 ? 'a single server' : `${count('primary', 'primaries')}${replicas}`;
  }
}
