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
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  has(slot: number): boolean {
    return this.#motions.size > 0 && this.#motions.has(slot);
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
    this.#motions.set(slot, { source: { owner, since }, seenAt: since });
  }

  sourceOf(slot: number): Source<V> | undefined {
    return this.#motions.get(slot)?.source;
  }

  /** It has arrived. @returns whether it was on its way. */
  end(slot: number): boolean {
    const now = this.#now();
    for (const [other, { seenAt }] of this.#motions) if (now - seenAt > FORGOTTEN) this.#motions.delete(other);
    return this.#motions.delete(slot);
  }

  clear(): void {
    this.#motions.clear();
  }
}
