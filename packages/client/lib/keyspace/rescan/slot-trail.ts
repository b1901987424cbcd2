import { ownsSlot, type SlotView } from './slot-view';

/** What is to be done about the slots of a scan that has come to its end; those of neither are to be scanned anew. */
export interface TrailEnd {
  /** No key of these can have been elsewhere. */
  readonly done: readonly number[];
  /** Keys of these may have gone on to another node, by its id, which has to be scanned after this one. */
  readonly leaving: ReadonlyMap<number, string>;
}

/**
 * Follows the slots of one node through one scan, by what the node says of itself before each step of it and after
 * the last. Keys of a slot go one way while it moves: who scans its source first and its target then has met each,
 * if the slot has not come back meanwhile, which raises the epoch of its source.
 */
export class SlotTrail {
  readonly #slots: Set<number>;
  readonly #isTarget: boolean;
  readonly #targets = new Map<number, string>();
  /** Those of which somebody was told to look for a key elsewhere. */
  readonly #away = new Set<number>();
  #last: SlotView | undefined;

  /** @param isTarget of slots that are coming in, whose source has been scanned before. */
  constructor(slots: Iterable<number>, isTarget: boolean) {
    this.#slots = new Set(slots);
    this.#isTarget = isTarget;
  }

  get isTarget(): boolean {
    return this.#isTarget;
  }

  wants(slot: number): boolean {
    return this.#slots.has(slot);
  }

  see(view: SlotView): void {
    const last = this.#last;
    if (last?.print === view.print) return;
    this.#last = view;
    for (const slot of this.#slots) if (!this.#follows(slot, view, last)) this.#slots.delete(slot);
  }

  /** The node has sent us elsewhere for a key of this slot. */
  away(slot: number): void {
    this.#away.add(slot);
  }

  end(): TrailEnd {
    const leaving = new Map([...this.#targets].filter(([slot]) => this.#slots.has(slot)));
    const done = [...this.#slots].filter(slot => !leaving.has(slot) && !this.#away.has(slot));
    return { done, leaving };
  }

  #follows(slot: number, view: SlotView, last: SlotView | undefined): boolean {
    const isOwn = ownsSlot(view, slot);
    const target = view.leaving.get(slot);
    if (this.#isTarget) return (isOwn && target === undefined) || view.importing.has(slot);
    const before = this.#targets.get(slot);
    // Some slot has come to the node since: maybe this one, that had left.
    if (last && last.epoch !== view.epoch) return false;
    if (!isOwn) return before !== undefined;
    if (before !== undefined) return before === target;
    if (target !== undefined) this.#targets.set(slot, target);
    return true;
  }
}
