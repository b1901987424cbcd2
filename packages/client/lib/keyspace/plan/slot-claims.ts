import type { ClusterView, ClusterViewNode } from './cluster-view';
import { ALL_SLOTS, SLOT_COUNT, countSlots, joinRanges, subtractRanges, type SlotRange } from './slot-ranges';
import { SlotGrants } from './slot-grants';

/** The slots that lines claim, by their epoch and then by their node. */
type Claims = Map<number, Map<string, (readonly SlotRange[])[]>>;

/**
 * Who owns which slot, of all that several nodes say: the claim with the greatest configuration epoch. A
 * take-over makes the taker's epoch the greatest, or leaves it so (Redis 7.0-8.8, Valkey 9: classic, atomic,
 * failover), so that a view from before it loses, whoever answered it. Of equal epochs the smaller id wins, as
 * it will among the servers when they settle it. A node that answered itself and knows of no owner of a slot
 * does not own it, whatever others say, unless they have seen a later epoch of it: nobody is told of DELSLOTS.
 */
export function claimedSlots(views: readonly ClusterView[]): SlotGrants {
  const claims = claimsOf(views);
  const grants = new SlotGrants();
  for (const epoch of [...claims.keys()].sort((a, b) => b - a)) {
    const equal = claims.get(epoch)!;
    for (const id of [...equal.keys()].sort()) {
      for (const slots of equal.get(id)!) for (const [from, to] of slots) grants.give(id, from, to);
    }
  }
  return grants;
}

function claimsOf(views: readonly ClusterView[]): Claims {
  const vacancies = vacanciesByAnswerer(views);
  const claims: Claims = new Map();
  for (const { myself, nodes } of views) {
    for (const line of nodes.values()) {
      if (!line.slots.length) continue;
      const slots = line.id === myself ? line.slots : undenied(line, vacancies.get(line.id));
      const equal = claims.get(line.configEpoch) ?? new Map<string, (readonly SlotRange[])[]>();
      const same = equal.get(line.id);
      if (same) same.push(slots);
      else claims.set(line.configEpoch, equal.set(line.id, [slots]));
    }
  }
  return claims;
}

/** Slots without an owner as somebody sees it, at its own epoch. */
interface Vacancy {
  readonly epoch: number;
  readonly slots: readonly SlotRange[];
}

/** Of each node that answered and does not know an owner for every slot. */
function vacanciesByAnswerer(views: readonly ClusterView[]): Map<string, Vacancy[]> {
  const vacancies = new Map<string, Vacancy[]>();
  for (const { myself, nodes } of views) {
    if (myself === undefined) continue;
    let owned = 0;
    for (const line of nodes.values()) owned += countSlots(line.slots);
    if (owned === SLOT_COUNT) continue;
    const slots = subtractRanges(ALL_SLOTS, joinRanges([...nodes.values()].flatMap(line => line.slots)));
    const vacancy = { epoch: nodes.get(myself)!.configEpoch, slots };
    vacancies.set(myself, [...(vacancies.get(myself) ?? []), vacancy]);
  }
  return vacancies;
}

/** What others say of a node, without what it denies. */
function undenied(line: ClusterViewNode, vacancies: readonly Vacancy[] = []): readonly SlotRange[] {
  const denials = vacancies.filter(({ epoch }) => line.configEpoch <= epoch);
  if (!denials.length) return line.slots;
  return denials.reduce((rest, { slots }) => subtractRanges(rest, slots), joinRanges(line.slots));
}
