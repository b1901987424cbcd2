import type { Message } from '../delivery/dispatcher';
import { WordReader } from './word';

/** A power of two. At 14 bytes each, of the last seconds of a busy node. */
const KEPT = 16_384;

/** After which a key is no more. */
const GONE: ReadonlySet<string> = new Set(['del', 'expired', 'evicted', 'rename_from', 'move_from']);
/** After which it may run out: a while later it may be no more, although that has not been said yet. */
const MORTAL: ReadonlySet<string> = new Set(['expire', 'hexpire', 'restore', 'rename_to', 'copy_to', 'move_to']);
/** The server says these of its own accord only with the class `g`, by which it also says `del`. */
const GENERIC: ReadonlySet<string> = new Set(['del', 'expire', 'persist', 'rename_from', 'rename_to', 'restore']);
/** Set in the number of a slot when the key is no more, or nobody would hear of that. */
const GONE_BIT = 0x4000;
/** Set when it may run out. */
const MORTAL_BIT = 0x8000;
const SLOT_BITS = 0x3fff;

/**
 * The last words that a node said of some slots, as numbers by which it is recognized when it is said once more: an
 * atomic import (Redis 8.4+, Valkey 9) repeats at the target what the source says meanwhile.
 */
export class History {
  readonly #slots = new Uint16Array(KEPT);
  readonly #prints = new Int32Array(KEPT);
  readonly #times = new Float64Array(KEPT);
  readonly #words = new WordReader();
  readonly #now: () => number;
  #count = 0;
  /** It says when a key is deleted. */
  #isGeneric = false;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  add(slot: number, message: Message): void {
    const print = this.#words.read(message);
    if (print === undefined) return;
    const at = this.#count++ & (KEPT - 1);
    const { event } = message.notification;
    this.#isGeneric ||= GENERIC.has(event);
    const isGone = GONE.has(event) || !hearsAllOfKey(message);
    this.#slots[at] = slot | (isGone ? GONE_BIT : 0) | (MORTAL.has(event) ? MORTAL_BIT : 0);
    this.#prints[at] = print;
    this.#times[at] = this.#now();
  }

  /** It has taken the place of a node that said this, and has said nothing of its own yet. */
  inherit(other: History): void {
    if (this.#count) return;
    this.#slots.set(other.#slots);
    this.#prints.set(other.#prints);
    this.#times.set(other.#times);
    this.#count = other.#count;
    this.#isGeneric = other.#isGeneric;
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

  /**
   * The keys of these slots that are still there, by what is remembered.
   * @param since those that may run out are there when they were said at that time (ms) or later.
   */
  keysOf(slots: ReadonlySet<number>, since: number): Set<number> {
    const known = new Set<number>();
    const keys = new Set<number>();
    const fresh = new Set<number>();
    for (const at of this.#isGeneric ? this.#places() : []) {
      const [slot, print] = [this.#slots[at], this.#prints[at]];
      if (!slots.has(slot & SLOT_BITS)) continue;
      if (!known.has(print) && !(slot & GONE_BIT)) {
        keys.add(print);
        if (this.#times[at] >= since) fresh.add(print);
      }
      known.add(print);
      if (slot & MORTAL_BIT && !fresh.has(print)) keys.delete(print);
    }
    return keys;
  }

  *#places(from = 0): IterableIterator<number> {
    const first = Math.max(from, this.#count - KEPT);
    for (let index = this.#count - 1; index >= first; index--) yield index & (KEPT - 1);
  }
}

/** Would the end of this key be heard by the same name? */
function hearsAllOfKey({ notification: { kind }, want }: Message): boolean {
  return kind === 'keyspace' || (kind === 'keyevent' && want.text.endsWith(':*'));
}
