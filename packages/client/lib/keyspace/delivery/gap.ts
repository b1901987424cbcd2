import type { SlotRanges } from '../plan/slot-ranges';

/**
 * Why something may have been missed. `closed`: the subscription ended, by whatever means, while it still held
 * notifications for a busy listener or an iterator; told before `end`, and never as recovered.
 */
export type GapReason = 'disconnected' | 'failover' | 'slots-moved' | 'node-silent' | 'overflow' | 'refused' | 'closed';

/** A stretch of time in which notifications may have been missed. */
export interface KeyspaceGap {
  /** What happened. */
  readonly reason: GapReason;
  /** `host:port` of the node that could not be heard. */
  readonly node: string;
  /** The slots in doubt, both ends included. Empty: all keys (standalone, Sentinel, `overflow` and `closed`). */
  readonly slots: SlotRanges;
  /** Nothing earlier is in doubt. */
  readonly since: Date;
  /** Nothing later is in doubt. Set when told as `recovered`. */
  readonly until: Date | undefined;
  /** How many notifications were given up: known for `overflow` and `closed` only. */
  readonly dropped: number | undefined;
}

/** Whoever is told of a gap: a subscription, or the client's `keyspace`. */
export interface GapListener {
  openGap(gap: KeyspaceGap): void;
  closeGap(gap: KeyspaceGap): void;
}

/** A gap that is open, and who was told of it. */
export interface OpenGap<L extends GapListener> {
  readonly gap: KeyspaceGap;
  readonly listeners: Set<L>;
}

/**
 * The gaps that are open. Promises that whoever is told of a gap is told of its end, once, unless its
 * subscription ends first: then there is nothing more to tell.
 */
export class GapLedger<L extends GapListener> {
  readonly #open = new Set<OpenGap<L>>();
  #total = 0;
  #recovered = 0;

  get open(): ReadonlySet<OpenGap<L>> {
    return this.#open;
  }

  /** How many were ever opened. */
  get total(): number {
    return this.#total;
  }

  /** How many were ever told as over. */
  get recovered(): number {
    return this.#recovered;
  }

  /** @returns undefined when nobody is concerned: then it is no gap. */
  tell(gap: Omit<KeyspaceGap, 'until' | 'dropped'>, listeners: Iterable<L>): OpenGap<L> | undefined {
    const open: OpenGap<L> = { gap: { ...gap, until: undefined, dropped: undefined }, listeners: new Set(listeners) };
    if (!open.listeners.size) return undefined;
    this.#open.add(open);
    this.#total++;
    for (const listener of open.listeners) listener.openGap(open.gap);
    return open;
  }

  recover(open: OpenGap<L>, until: Date): void {
    if (!this.#open.delete(open)) return;
    this.#recovered++;
    const gap = { ...open.gap, until };
    for (const listener of open.listeners) listener.closeGap(gap);
  }

  /** A listener that is gone is not told any more. */
  forget(listener: L): void {
    for (const open of this.#open) {
      if (open.listeners.delete(listener) && !open.listeners.size) this.#open.delete(open);
    }
  }

  clear(): void {
    this.#open.clear();
  }
}
