export const OVERFLOW_POLICIES = ['drop-oldest', 'drop-newest', 'coalesce', 'end'] as const;
/**
 * What to do with one notification too many: forget the oldest held or the new one; keep of each key only the
 * last (and the oldest keys go when all are different); or end the subscription.
 */
export type OverflowPolicy = (typeof OVERFLOW_POLICIES)[number];

/**
 * A bounded first-in-first-out queue. Promises never to hold more than `limit` items and to report each item
 * it gives up. Every operation is O(1), amortised.
 */
export class BoundedQueue<T> {
  readonly #limit: number;
  readonly #policy: OverflowPolicy;
  readonly #identify: (item: T) => string;
  readonly #giveUp: (item: T) => void;
  /** Positions never change: `#items[i]` is at position `#first + i`; a hole was coalesced away. */
  #items: (T | undefined)[] = [];
  #head = 0;
  #first = 0;
  #size = 0;
  /** While coalescing: where the one held item of a key is. */
  #positions: Map<string, number> | undefined;

  /** @param giveUp is told each item that is given up. */
  constructor(
    limit: number,
    policy: OverflowPolicy,
    identify: (item: T) => string,
    giveUp: (item: T) => void = () => {}
  ) {
    this.#limit = limit;
    this.#policy = policy;
    this.#identify = identify;
    this.#giveUp = giveUp;
  }

  get size(): number {
    return this.#size;
  }

  get isFull(): boolean {
    return this.#size >= this.#limit;
  }

  /** @returns how many items were given up for it, itself included. With `end` a full queue takes nothing. */
  push(item: T): number {
    if (this.#positions) return this.#pushCoalesced(item);
    if (this.#size < this.#limit) return this.#append(item);
    switch (this.#policy) {
      case 'coalesce':
        return this.#startCoalescing() + this.#pushCoalesced(item);
      case 'drop-oldest':
        this.#giveUp(this.shift()!);
        return 1 + this.#append(item);
      default:
        this.#giveUp(item);
        return 1;
    }
  }

  /** The item that `shift()` would take. */
  peek(): T | undefined {
    while (this.#head < this.#items.length && this.#items[this.#head] === undefined) this.#head++;
    return this.#items[this.#head];
  }

  shift(): T | undefined {
    while (this.#head < this.#items.length) {
      const item = this.#items[this.#head];
      this.#items[this.#head++] = undefined;
      if (item === undefined) continue;
      this.#size--;
      this.#forget(item);
      this.#compact();
      return item;
    }
    return undefined;
  }

  clear(): void {
    this.#items = [];
    this.#head = this.#first = this.#size = 0;
    this.#positions = undefined;
  }

  #append(item: T): number {
    this.#items.push(item);
    this.#size++;
    return 0;
  }

  #startCoalescing(): number {
    const before = this.#size;
    const last = new Map<string, T>();
    for (let index = this.#head; index < this.#items.length; index++) {
      const item = this.#items[index]!;
      const key = this.#identify(item);
      const earlier = last.get(key);
      if (earlier !== undefined) this.#giveUp(earlier);
      last.delete(key);
      last.set(key, item);
    }
    this.#items = [...last.values()];
    this.#head = this.#first = 0;
    this.#size = this.#items.length;
    this.#positions = new Map([...last.keys()].map((key, index) => [key, index]));
    return before - this.#size;
  }

  #pushCoalesced(item: T): number {
    const key = this.#identify(item);
    const held = this.#positions!.get(key);
    let dropped = 0;
    if (held !== undefined) {
      this.#giveUp(this.#items[held - this.#first]!);
      this.#items[held - this.#first] = undefined;
      this.#size--;
      dropped = 1;
    } else if (this.isFull) {
      this.#giveUp(this.shift()!);
      dropped = 1;
    }
    this.#positions?.delete(key);
    this.#positions?.set(key, this.#first + this.#items.length);
    this.#append(item);
    if (this.#items.length > 2 * this.#limit + 64) this.#removeHoles();
    return dropped;
  }

  #forget(item: T): void {
    if (!this.#positions) return;
    this.#positions.delete(this.#identify(item));
    if (this.#size <= this.#limit / 2) this.#stopCoalescing();
  }

  #stopCoalescing(): void {
    this.#removeHoles();
    this.#positions = undefined;
  }

  #removeHoles(): void {
    this.#items = this.#items.filter(item => item !== undefined);
    this.#head = this.#first = 0;
    if (this.#positions) this.#positions = new Map(this.#items.map((item, index) => [this.#identify(item!), index]));
  }

  #compact(): void {
    if (this.#head < 1_024 || this.#head * 2 < this.#items.length) return;
    this.#items.splice(0, this.#head);
    this.#first += this.#head;
    this.#head = 0;
  }
}
