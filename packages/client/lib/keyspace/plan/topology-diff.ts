import { RangeList, joinRanges, type SlotRanges } from './slot-ranges';
import type { Topology, TopologyNode } from './topology';

/** What has become of one topology in another. */
export interface TopologyDiff {
  /** By the id of a primary the slots that it owns now and did not own before. */
  readonly gained: ReadonlyMap<string, SlotRanges>;
  /** By the id of a primary, which may be none any more, the slots that it owned and does not own now. */
  readonly lost: ReadonlyMap<string, SlotRanges>;
  /** By the id of a primary the slots that it imports by the classic way now and did not before. */
  readonly importing: ReadonlyMap<string, SlotRanges>;
  /** As they are now. */
  readonly joined: readonly TopologyNode[];
  /** As they were. */
  readonly left: readonly TopologyNode[];
  /** Replicas that have become primaries, as they are now. */
  readonly promoted: readonly TopologyNode[];
  /** Primaries that have become replicas, as they are now. */
  readonly demoted: readonly TopologyNode[];
}

/**
 * The difference between two topologies, from none at all if there was none: who owns, imports and is what now.
 * A node without a difference is in none of its maps and lists; all are in the order of the nodes.
 * Costs O(nodes + slots).
 */
export function diffTopology(previous: Topology | undefined, next: Topology): TopologyDiff {
  const before = previous?.nodes ?? NO_NODES;
  const nodes = [...next.nodes.values()];
  const wasOther = ({ id, role }: TopologyNode) => before.has(id) && before.get(id)!.role !== role;
  return {
    ...movedSlots(previous, next),
    importing: begunImports(before, next),
    joined: nodes.filter(({ id }) => !before.has(id)),
    left: [...before.values()].filter(({ id }) => !next.nodes.has(id)),
    promoted: nodes.filter(node => node.role === 'primary' && wasOther(node)),
    demoted: nodes.filter(node => node.role === 'replica' && wasOther(node))
  };
}

const NO_NODES: ReadonlyMap<string, TopologyNode> = new Map();

/** As an index of a primary: a slot that is nobody's, and a primary that is none any more. */
const NOBODY = -1;
const GONE = -2;

function movedSlots(previous: Topology | undefined, next: Topology): Pick<TopologyDiff, 'gained' | 'lost'> {
  const gained = next.primaries.map(() => new RangeList());
  const lost = previous?.primaries.map(() => new RangeList()) ?? [];
  const indexes = new Map(next.primaries.map(({ id }, index) => [id, index]));
  const stayed = previous?.primaries.map(({ id }) => indexes.get(id) ?? GONE) ?? [];
  for (let slot = 0; slot < next.owners.length; slot++) {
    const from = previous?.owners[slot] ?? NOBODY;
    const to = next.owners[slot];
    if (to === (from === NOBODY ? NOBODY : stayed[from])) continue;
    if (from !== NOBODY) lost[from].add(slot, slot);
    if (to !== NOBODY) gained[to].add(slot, slot);
  }
  return { gained: byId(next, gained), lost: byId(previous, lost) };
}

function byId(topology: Topology | undefined, lists: readonly RangeList[]): Map<string, SlotRanges> {
  const entries = lists.map(({ ranges }, index) => [topology!.primaries[index].id, ranges] as const);
  return new Map(entries.filter(([, ranges]) => ranges.length));
}

function begunImports(before: ReadonlyMap<string, TopologyNode>, next: Topology): Map<string, SlotRanges> {
  const begun = new Map<string, SlotRanges>();
  for (const { id, importing } of next.primaries) {
    const slots = [...importing].filter(slot => before.get(id)?.importing.has(slot) !== true);
    if (slots.length) begun.set(id, joinRanges(slots.map(slot => [slot, slot])));
  }
  return begun;
}
