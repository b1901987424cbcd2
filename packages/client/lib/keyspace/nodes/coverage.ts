import type { KeyspaceCoverage, Subscription } from '../delivery/subscription';
import { SLOT_COUNT } from '../plan/slot-ranges';
import type { Want } from '../plan/registry';
import { ownerOf, type Topology } from '../plan/topology';
import type { Node } from './handover';

/** What a subscription hears now: a slot counts when its owner is connected and has confirmed the names. */
export function coverageOf(
  subscription: Subscription,
  topology: Topology | undefined,
  nodes: ReadonlyMap<string, Node>
): KeyspaceCoverage {
  if (!topology || subscription.isEnded) return { slots: 0, nodes: [], complete: false };
  const wants = [...subscription.wants];
  const everywhere = wants.filter(want => want.slot === undefined || !topology.sharded);
  const heard = topology.primaries.map(({ id }) => {
    const node = nodes.get(id);
    return node?.state === 'ready' && everywhere.every(want => node.isActive(want)) ? node : undefined;
  });
  const slots = everywhere.length ? slotsOf(topology, heard) : 0;
  const keys = keySlots(wants, topology, nodes);
  const speaking = heard.filter(
    (node, index) => node && (everywhere.length || keys.owners.has(topology.primaries[index].id))
  );
  return {
    slots: everywhere.length ? slots : keys.heard.size,
    nodes: speaking.flatMap(node => (node ? [node.address] : [])),
    complete: (!everywhere.length || slots === ownedSlots(topology)) && keys.heard.size === keys.all.size
  };
}

function slotsOf(topology: Topology, heard: readonly (Node | undefined)[]): number {
  if (!topology.sharded) return heard[0] ? SLOT_COUNT : 0;
  return topology.owners.reduce((sum, owner) => sum + Number(heard[owner] !== undefined), 0);
}

/** Slots that nobody owns cannot be heard, and hold nothing. */
function ownedSlots(topology: Topology): number {
  return topology.sharded ? topology.owners.reduce((sum, owner) => sum + Number(owner !== -1), 0) : SLOT_COUNT;
}

/** Of the names that are about one key: their slots, and those whose every name is confirmed at the owner. */
function keySlots(wants: readonly Want<Subscription>[], topology: Topology, nodes: ReadonlyMap<string, Node>) {
  const all = new Set<number>();
  const heard = new Set<number>();
  const owners = new Set<string>();
  const deaf = new Set<number>();
  for (const want of topology.sharded ? wants : []) {
    if (want.slot === undefined) continue;
    all.add(want.slot);
    const owner = ownerOf(topology, want.slot);
    const node = owner && nodes.get(owner.id);
    if (node?.state === 'ready' && node.isActive(want)) owners.add(owner!.id);
    else deaf.add(want.slot);
  }
  for (const slot of all) if (!deaf.has(slot)) heard.add(slot);
  return { all, heard, owners };
}
