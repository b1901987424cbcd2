import type { Want } from './registry';
import type { Topology } from './topology';

/** Per primary, by its id, what it has to be subscribed to. Every primary is there, if only with nothing. */
export type Plan<W> = ReadonlyMap<string, ReadonlySet<W>>;

/**
 * Who must listen to what: patterns and events at every primary, those without slots included, so that a
 * node is heard from its first slot on; and names about one key each too, where they are few. For nothing shows
 * beforehand that a slot begins to move, and the target says redirected writes at once. Of many, each is subscribed
 * at the owner of its slot, and while the slot is seen to move by the classic way at both ends.
 * Costs O(wants + primaries x what is wanted everywhere).
 * @param areFew whether names about one key are wanted everywhere. @default false
 */
export function plan<S>(topology: Topology, wants: Iterable<Want<S>>, areFew = false): Plan<Want<S>> {
  const sets = topology.primaries.map(() => new Set<Want<S>>());
  const importers = importersBySlot(topology);
  for (const want of wants) {
    if (want.slot === undefined || !topology.sharded || areFew) {
      for (const set of sets) set.add(want);
      continue;
    }
    const owner = topology.owners[want.slot];
    if (owner !== -1) sets[owner].add(want);
    for (const importer of importers.get(want.slot) ?? []) sets[importer].add(want);
  }
  return new Map(topology.primaries.map((primary, index) => [primary.id, sets[index]]));
}

function importersBySlot(topology: Topology): Map<number, number[]> {
  const importers = new Map<number, number[]>();
  topology.primaries.forEach((primary, index) => {
    for (const slot of primary.importing) {
      const list = importers.get(slot);
      if (list) list.push(index);
      else importers.set(slot, [index]);
    }
  });
  return importers;
}
