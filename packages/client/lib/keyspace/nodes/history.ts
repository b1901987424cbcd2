import type { Message } from '../delivery/dispatcher';

/** A power of two. At 14 bytes each, of the last second of a busy node. */
const KEPT = 16_384;
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** After which a key is no more. */
const GONE: ReadonlySet<string> = new Set(['del', 'expired', 'evicted', 'rename_from', 'move_from']);
/** Set in the number of a slot when the key is no more. */
const GONE_BIT = 0x4000;
const SLOT_BITS = 0x3fff;

/**
 * The last that a node said of some slots, as numbers by which it is recognized when it is said once more: an
 * atomic import (Redis 8.4+, Valkey 9) repeats at the target what the source says meanwhile.
 */
export class History {
  readonly #slots = new Int16Array(KEPT);
  readonly #prints = new Int32Array(KEPT);
  readonly #times = new Float64Array(KEPT);
  readonly #now: () => number;
  #count = 0;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  add(slot: number, message: Message): void {
    const at = this.#count++ & (KEPT - 1);
    this.#slots[at] = GONE.has(message.notification.event) ? slot | GONE_BIT : slot;
    this.#prints[at] = printOf(message);
    this.#times[at] = this.#now();
  }

  /** How much it has said. */
  get count(): number {
    return this.#count;
  }

  /** All that is remembered, the very last first. */
  *backwards(): IterableIterator<number> {
    for (const at of this.#places()) yield this.#prints[at];
  }

  /** What was said of these slots at this time (ms) and later, the very last first. */
  saidSince(time: number, slots: ReadonlySet<number>): number[] {
    const said: number[] = [];
    for (const at of this.#places()) {
      if (this.#times[at] < time) break;
      if (slots.has(this.#slots[at] & SLOT_BITS)) said.push(this.#prints[at]);
    }
    return said;
  }

  /** What was said of these slots from that `count` on, in order. */
  saidFrom(count: number, slots: ReadonlySet<number>): number[] {
    const said: number[] = [];
    for (const at of this.#places(count)) if (slots.has(this.#slots[at] & SLOT_BITS)) said.push(this.#prints[at]);
    return said.reverse();
  }

  /** The keys of these slots that are still there, by what is remembered. */
  keysOf(slots: ReadonlySet<number>): Set<number> {
    const known = new Set<number>();
    const keys = new Set<number>();
    for (const at of this.#places()) {
      const print = this.#prints[at];
      if (!slots.has(this.#slots[at] & SLOT_BITS) || known.has(print)) continue;
      known.add(print);
      if (!(this.#slots[at] & GONE_BIT)) keys.add(print);
    }
    return keys;
  }

  *#places(from = 0): IterableIterator<number> {
    const first = Math.max(from, this.#count - KEPT);
    for (let index = this.#count - 1; index >= first; index--) yield index & (KEPT - 1);
  }
}

/** FNV-1a of the database and the key: a replica, or an import, may call the event by another name. */
export function printOf({ notification: { database, source, keyStart, keyEnd } }: Message): number {
  let hash = FNV_OFFSET ^ database;
  for (let at = keyStart; at < keyEnd; at++) hash = Math.imul(hash ^ source[at], FNV_PRIME);
  return hash;
}
