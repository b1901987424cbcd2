/** Counts what is read of the collections that it has wrapped: the elementary steps of a function of them. */
export class Steps {
  #count = 0;

  /** How many there were since the last call. */
  take(): number {
    const count = this.#count;
    this.#count = 0;
    return count;
  }

  /** The same items; each that is taken is a step. */
  *iterable<T>(items: Iterable<T>): IterableIterator<T> {
    for (const item of items) {
      this.#count++;
      yield item;
    }
  }

  /** The same array, typed or not; each item that is read by its index is a step, within methods and loops too. */
  array<T extends object>(items: T): T {
    return new Proxy(items, {
      get: (target, property) => {
        if (typeof property === 'string' && /^\d/.test(property)) this.#count++;
        return Reflect.get(target, property) as unknown;
      }
    });
  }

  /** The same map; each look-up and each entry that an iteration comes to is a step. */
  map<K, V>(entries: ReadonlyMap<K, V>): ReadonlyMap<K, V> {
    return new Proxy(entries, {
      get: (target, property) => {
        const member: unknown = Reflect.get(target, property, target);
        if (typeof member !== 'function') return member;
        return (...args: unknown[]) => {
          this.#count++;
          const result: unknown = member.apply(target, args);
          return isIterator(result) ? this.iterable(result) : result;
        };
      }
    });
  }
}

function isIterator(value: unknown): value is IterableIterator<unknown> {
  return typeof value === 'object' && value !== null && 'next' in value;
}
