/** Milliseconds after which a motion that nobody speaks of any more is over: it was cancelled. */
const FORGOTTEN = 60_000;

/** The slots that are on their way from one node to another, as far as it is heard. */
export class Motions {
  readonly #seenAt = new Map<number, number>();
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** Somebody who does not own the slot speaks of it. @returns whether that is new. */
  begin(slot: number): boolean {
    const isNew = !this.#seenAt.has(slot);
    this.#seenAt.set(slot, this.#now());
    return isNew;
  }

  /** It has arrived. @returns whether it was on its way. */
  end(slot: number): boolean {
    const now = this.#now();
    for (const [other, seenAt] of this.#seenAt) if (now - seenAt > FORGOTTEN) this.#seenAt.delete(other);
    return this.#seenAt.delete(slot);
  }

  clear(): void {
    this.#seenAt.clear();
  }
}
