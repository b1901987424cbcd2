import type { Message } from '../delivery/dispatcher';
import { WordReader } from './word';

/** A power of two. At 14 bytes each, of the last seconds of a busy node. */
const KEPT = 16_384;

/** After which a key is no more. */
const GONE: ReadonlySet<string> = new Set(['del', 'expired', 'evicted', 'rename_from', 'move_from']);
/** Set in the number of a slot when the key is no more. */
const GONE_BIT = 0x4000;
const SLOT_BITS = 0x3fff;

/**
 * The last words that a node said of some slots, as numbers by which it is recognized when it is said once more: an
 * atomic import (Redis 8.4+, Valkey 9) repeats at the target what the source says meanwhile.
 */
export class History {
  readonly #slots = new Int16Array(KEPT);
  readonly #prints = new Int32Array(KEPT);
  readonly #times = new Float64Array(KEPT);
  readonly #words = new WordReader();
  readonly #now: () => number;
  #count = 0;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  add(slot: number, message: Message): void {
    const print = this.#words.read(message);
    if (print === undefined) return;
    const at = this.#count++ & (KEPT - 1);
    this.#slots[at] = GONE.has(message.notification.event) ? slot | GONE_BIT : slot;
    this.#prints[at] = print;
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
