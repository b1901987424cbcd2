import type { GapLedger, GapListener, GapReason, OpenGap } from '../delivery/gap';
import type { Subscription } from '../delivery/subscription';
import { unheardReplicaWords } from '../plan/interest';
import type { Want } from '../plan/registry';
import { inRanges, joinRanges, overlap, rangesWhere, type SlotRanges } from '../plan/slot-ranges';
import type { Topology } from '../plan/topology';
import type { PromotionDoubt } from './promotions';
import type { NodeSubscriber, Refusal } from './node-subscriber';

type Node = NodeSubscriber<Subscription>;

export interface GapKeeperHost {
  /** Those that `subscribe…` has resolved for: others have been promised nothing yet. */
  readonly established: ReadonlySet<Subscription>;
  readonly nodes: ReadonlyMap<string, Node>;
  now(): number;
  /** Whether anything of this new primary was missed is being found out; `unproven` is called if it may have been. */
  isPending(primaryId: string): boolean;
  /** Something is in doubt, or nothing any more. */
  onDoubt(doubt: boolean): void;
}

/** What is certain about the time before a change (ms). */
export interface KnownTimes {
  /** When the last look began that found the topology as it was. */
  readonly verifiedAt: number;
  /** Until when nothing that a primary said is in doubt, by the ids of the former primaries. */
  readonly heardUntil: ReadonlyMap<string, number>;
}

/** What is to be found out of a new primary. */
interface Pending {
  readonly node: string;
  /** What it has come to own. */
  readonly slots: SlotRanges;
  readonly heardUntil: number;
  readonly verifiedAt: number;
}

interface Watched {
  readonly open: OpenGap<GapListener>;
  /** Told as over when these are heard again; undefined: every slot of the gap. */
  readonly wants: readonly Want<Subscription>[] | undefined;
}

/**
 * Decides when notifications may be missing and when that is over. A gap is over when every slot of it has
 * an owner that is connected and has confirmed all that is wanted of it.
 */
export class GapKeeper {
  readonly #ledger: GapLedger<GapListener>;
  readonly #host: GapKeeperHost;
  readonly #observer: GapListener;
  readonly #watched = new Set<Watched>();
  /** By the ids of new primaries: since when something of them may have been missed. */
  readonly #pending = new Map<string, Pending>();

  constructor(ledger: GapLedger<GapListener>, observer: GapListener, host: GapKeeperHost) {
    this.#ledger = ledger;
    this.#observer = observer;
    this.#host = host;
  }

  /** A connection that was ready is gone; nothing that was said before `since` (ms) is in doubt. */
  nodeLost(
    { node: { address } }: Node,
    { reason, slots, since }: { reason: GapReason; slots: SlotRanges; since: number },
    topology: Topology | undefined
  ): void {
    const sharded = topology?.sharded === true;
    if (sharded && !slots.length) return;
    this.#open(
      { reason, node: address, slots: sharded ? slots : [], since: new Date(since) },
      sub => !sharded || this.#concerns(sub, slots)
    );
  }

  /**
   * Slots have a new owner, or somebody imports them by the classic way: those that it is not yet listened to
   * for are in doubt.
   */
  slotsMoved(previous: Topology, topology: Topology, known: KnownTimes): void {
    for (const primary of topology.primaries) {
      const node = this.#host.nodes.get(primary.id);
      const imported = previous.nodes.get(primary.id)?.importing;
      const gained = rangesWhere(slot => {
        if (primary.importing.has(slot) && imported?.has(slot) !== true) return true;
        return this.#isOwner(topology, slot, primary.id) && this.#changed(previous, topology, slot);
      });
      if (!gained.length || this.#inDoubt(gained)) continue;
      const { verifiedAt } = known;
      const heardUntil = Math.min(verifiedAt, formerHeardUntil(known, previous, gained));
      if (this.#host.isPending(primary.id)) {
        const before = this.#pending.get(primary.id) ?? { slots: [], heardUntil, verifiedAt };
        const slots = joinRanges([...before.slots, ...gained]);
        this.#pending.set(primary.id, { ...before, node: primary.address, slots });
        continue;
      }
      const gone = previous.primaries.some(
        ({ id, slots }) => topology.nodes.get(id)?.role !== 'primary' && overlap(slots, gained)
      );
      const gap = {
        reason: gone || !previous.sharded ? ('failover' as const) : ('slots-moved' as const),
        node: primary.address,
        slots: topology.sharded ? gained : [],
        since: new Date(heardUntil)
      };
      if (node?.state !== 'ready') {
        this.#open(gap, sub => !topology.sharded || this.#concerns(sub, gained));
        continue;
      }
      // A replica that was connected beforehand is ready, and nothing is subscribed on it.
      const unheard = [...node.wanted].filter(
        want => (want.slot === undefined || inRanges(gained, want.slot)) && !node.isActive(want)
      );
      if (unheard.length) this.#open(gap, sub => unheard.some(want => want.subscribers.includes(sub)), unheard);
    }
  }

  /** What a new primary said before it was subscribed cannot be found out. */
  unproven(primaryId: string, { wasHeard, unheard }: PromotionDoubt, topology: Topology | undefined): void {
    const pending = this.#pending.get(primaryId);
    this.#pending.delete(primaryId);
    if (!pending) return;
    // They may have left it again.
    const { node, slots } = pending;
    const since = new Date(wasHeard ? pending.verifiedAt : pending.heardUntil);
    const concerns = ({ settings: { interest } }: Subscription) =>
      !unheard || unheardReplicaWords(interest).some(word => unheard.has(word));
    this.#open({ reason: 'failover', node, slots, since }, sub => this.#concerns(sub, slots) && concerns(sub));
    this.review(topology);
  }

  /** Where the import of these slots ended cannot be found out: something may have been taken for a part of it. */
  blurred(node: Node, slots: SlotRanges, begunAt: number): void {
    const since = new Date(Math.min(begunAt, node.heardUntil));
    this.#open({ reason: 'slots-moved', node: node.address, slots, since }, sub => this.#concerns(sub, slots));
  }

  refused(node: Node, refusals: readonly Refusal<Subscription>[], topology: Topology | undefined): void {
    const { address } = node;
    const told = [...this.#watched].filter(({ open }) => open.gap.reason === 'refused' && open.gap.node === address);
    const wants = refusals.map(({ want }) => want).filter(want => !told.some(watched => watched.wants?.includes(want)));
    const slots = topology?.sharded ? node.node.slots : [];
    this.#open(
      { reason: 'refused', node: address, slots, since: new Date(node.heardUntil) },
      sub => wants.some(want => want.subscribers.includes(sub)),
      wants
    );
  }

  /** Tells as recovered what is heard again. */
  review(topology: Topology | undefined): void {
    for (const id of this.#pending.keys()) if (!this.#host.isPending(id)) this.#pending.delete(id);
    for (const watched of this.#watched) {
      if (!this.#ledger.open.has(watched.open)) this.#watched.delete(watched);
      else if (topology && this.#isHeard(watched, topology)) {
        this.#watched.delete(watched);
        this.#ledger.recover(watched.open, new Date(this.#host.now()));
      }
    }
    this.#tellDoubt();
  }

  forget(subscription: Subscription): void {
    this.#ledger.forget(subscription);
  }

  clear(): void {
    this.#watched.clear();
    this.#pending.clear();
    this.#ledger.clear();
  }

  #open(
    gap: { reason: GapReason; node: string; slots: SlotRanges; since: Date },
    concerns: (subscription: Subscription) => boolean,
    wants?: readonly Want<Subscription>[]
  ): void {
    const subscriptions: GapListener[] = [...this.#host.established].filter(concerns);
    if (!subscriptions.length) return;
    const open = this.#ledger.tell(gap, [...subscriptions, this.#observer]);
    if (open) this.#watched.add({ open, wants });
    this.#tellDoubt();
  }

  /** What a server refuses does not change by looking. */
  #tellDoubt(): void {
    this.#host.onDoubt([...this.#watched].some(({ open }) => open.gap.reason !== 'refused'));
  }

  #isHeard({ open, wants }: Watched, topology: Topology): boolean {
    const { slots } = open.gap;
    if (!topology.sharded || !slots.length) return topology.primaries.every(({ id }) => this.#isSettled(id, wants));
    const importers = topology.primaries.filter(({ importing }) => [...importing].some(slot => inRanges(slots, slot)));
    if (!importers.every(({ id }) => this.#isSettled(id, wants))) return false;
    for (const [from, to] of slots) {
      let last: number | undefined;
      for (let slot = from; slot <= to; slot++) {
        const owner = topology.owners[slot];
        if (owner === last) continue;
        if (owner === -1 || !this.#isSettled(topology.primaries[owner].id, wants)) return false;
        last = owner;
      }
    }
    return true;
  }

  #isSettled(id: string, wants: readonly Want<Subscription>[] | undefined): boolean {
    const node = this.#host.nodes.get(id);
    if (node?.state !== 'ready') return false;
    return wants ? wants.every(want => !node.wants(want) || node.isActive(want)) : node.isSettled;
  }

  #concerns(subscription: Subscription, slots: SlotRanges): boolean {
    for (const { slot } of subscription.wants) if (slot === undefined || inRanges(slots, slot)) return true;
    return false;
  }

  /** Is a gap open already for all of these? */
  #inDoubt(slots: SlotRanges): boolean {
    const doubts = [...this.#watched].filter(({ wants }) => !wants).map(({ open }) => open.gap.slots);
    if (doubts.some(ranges => !ranges.length)) return true;
    return slots.every(([from, to]) => {
      for (let slot = from; slot <= to; slot++) if (!doubts.some(ranges => inRanges(ranges, slot))) return false;
      return true;
    });
  }

  #isOwner(topology: Topology, slot: number, id: string): boolean {
    return topology.primaries[topology.owners[slot]]?.id === id;
  }

  #changed(previous: Topology, topology: Topology, slot: number): boolean {
    return previous.primaries[previous.owners[slot]]?.id !== topology.primaries[topology.owners[slot]]?.id;
  }
}

/** Of a former owner that hangs nothing may have come for longer than it is known to have been one. */
function formerHeardUntil(known: KnownTimes, previous: Topology, slots: SlotRanges): number {
  const formers = previous.primaries.filter(primary => overlap(primary.slots, slots));
  return Math.min(...formers.map(({ id }) => known.heardUntil.get(id) || Infinity));
}
