/** Milliseconds after which a motion that nobody speaks of any more is over: it was cancelled. */
const FORGOTTEN = 60_000;

/** Where a slot comes from. */
export interface Source<V> {
  /** Its owner when somebody else began to speak of it, if anybody was known. */
  readonly owner: V | undefined;
  /** When that was (ms). */
  readonly since: number;
}

/** The slots that are on their way from one node to another, as far as it is heard. */
export class Motions<V> {
  readonly #motions = new Map<number, { readonly source: Source<V>; seenAt: number }>();
  /** Those that move, or moved last, by the atomic way, and when that was heard of. */
  readonly #atomic = new Map<number, { readonly at: number; isOver: boolean }>();
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** Is it on its way key by key, by MIGRATE? */
  goesByKey(slot: number): boolean {
    return this.#motions.has(slot) && !(this.goesAtOnce(slot) && !this.#atomic.get(slot)!.isOver);
  }

  /** Does it move by the atomic way, or did it when it moved last? */
  goesAtOnce(slot: number): boolean {
    const atomic = this.#atomic.get(slot);
    return atomic !== undefined && this.#now() - atomic.at <= FORGOTTEN;
  }

  /** These move by the atomic way, or did until now: all at once. */
  goAtOnce(slots: Iterable<number>, isOver = false): void {
    const at = this.#now();
    for (const slot of slots) this.#atomic.set(slot, { at, isOver });
  }

  /** They do not move by the atomic way any more: whoever speaks of them from now on is of another motion. */
  stay(slots: Iterable<number>): void {
    for (const slot of slots) {
      const atomic = this.#atomic.get(slot);
      if (atomic) atomic.isOver = true;
      this.#motions.delete(slot);
    }
  }

  /** Somebody who does not own the slot speaks of it, once more. @returns false when that is new. */
  goesOn(slot: number): boolean {
    const motion = this.#motions.get(slot);
    const now = this.#now();
    if (!motion || now - motion.seenAt > FORGOTTEN) return false;
    motion.seenAt = now;
    return true;
  }

  begin(slot: number, owner: V | undefined): void {
    const since = this.#now();
    if (this.#atomic.get(slot)?.isOver) this.#atomic.delete(slot);
    this.#motions.set(slot, { source: { owner, since }, seenAt: since });
  }

  sourceOf(slot: number): Source<V> | undefined {
    return this.#motions.get(slot)?.source;
  }

  /** It has arrived. @returns whether it was on its way. */
  end(slot: number): boolean {
    const now = this.#now();
    for (const [other, { seenAt }] of this.#motions) if (now - seenAt > FORGOTTEN) this.#motions.delete(other);
    for (const [other, { at }] of this.#atomic) if (now - at > FORGOTTEN) this.#atomic.delete(other);
    const atomic = this.#atomic.get(slot);
    if (atomic) atomic.isOver = true;
    return this.#motions.delete(slot);
  }

  clear(): void {
    this.#motions.clear();
    this.#atomic.clear();
  }
}
