/** Milliseconds after which a motion that nobody speaks of any more is over: it was cancelled. */
const FORGOTTEN = 60_000;

interface Motion {
  seenAt: number;
  /** How much its owner had said when somebody else began to speak of it. */
  readonly since: number;
}

/** The slots that are on their way from one node to another, as far as it is heard. */
export class Motions {
  readonly #motions = new Map<number, Motion>();
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
    if (motion) motion.seenAt = this.#now();
    return motion !== undefined;
  }

  begin(slot: number, since: number): void {
    this.#motions.set(slot, { seenAt: this.#now(), since });
  }

  /** How much their owner had said when the first of these began to move. */
  since(slots: Iterable<number>): number {
    return Math.min(...[...slots].map(slot => this.#motions.get(slot)?.since ?? Infinity));
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
