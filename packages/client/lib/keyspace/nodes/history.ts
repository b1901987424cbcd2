import type { Message } from '../delivery/dispatcher';

/** A power of two. At 12 bytes each, of the last second of a busy node. */
const KEPT = 8_192;
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/**
 * The last that a node said of the slots that it owns, as numbers by which it is recognized when it is said once
 * more: an atomic import (Redis 8.4+, Valkey 9) repeats at the target what the source says meanwhile.
 */
export class History {
  readonly #slots = new Int16Array(KEPT);
  readonly #prints = new Int32Array(KEPT);
  #count = 0;

  add(slot: number, message: Message): void {
    const at = this.#count++ & (KEPT - 1);
    this.#slots[at] = slot;
    this.#prints[at] = printOf(message);
  }

  /** How much it has said. */
  get count(): number {
    return this.#count;
  }

  /** The last of these slots, or of all, the very last first, as far back as `since` says and memory goes. */
  *backwards(slots?: ReadonlySet<number>, since = 0): IterableIterator<number> {
    for (let index = this.#count - 1; index >= since && index >= this.#count - KEPT; index--) {
      const at = index & (KEPT - 1);
      if (!slots || slots.has(this.#slots[at])) yield this.#prints[at];
    }
  }
}

/**
 * Where in `messages`, the first that a new owner says of some slots, does an atomic import end? It ends with what
 * the former owner said last, in the same order, if there were writes while it lasted.
 * @param said what the former owner said of the slots, the very last first.
 * @param isRest whether there were such writes and what came before has been refused already: then all that is
 * left may be the new owner's own. Otherwise it is the whole of an import of slots that nobody wrote to.
 * @returns how many of them are the import.
 */
export function importedPart(said: Iterable<number>, messages: readonly Message[], isRest: boolean): number {
  return endOf(said, messages) ?? (isRest ? 0 : messages.length);
}

/**
 * Where in `messages` is what another node said last?
 * @param said what it said, the very last first.
 * @returns where that ends; undefined when it is not there.
 */
export function endOf(said: Iterable<number>, messages: readonly Message[]): number | undefined {
  const prints = messages.map(printOf);
  const last = take(said, prints.length);
  let end = 0;
  let best = 0;
  for (let candidate = 1; candidate <= prints.length; candidate++) {
    let same = 0;
    while (same < candidate && same < last.length && prints[candidate - 1 - same] === last[same]) same++;
    if (same > best) [end, best] = [candidate, same];
  }
  // One key proves nothing: it may be said again, or be copied, at any place.
  return new Set(last.slice(0, best)).size > 1 ? end : undefined;
}

function take(items: Iterable<number>, count: number): number[] {
  const taken: number[] = [];
  for (const item of items) {
    if (taken.length === count) break;
    taken.push(item);
  }
  return taken;
}

/** FNV-1a of the database and the key: a replica, or an import, may call the event by another name. */
export function printOf({ notification: { database, source, keyStart, keyEnd } }: Message): number {
  let hash = FNV_OFFSET ^ database;
  for (let at = keyStart; at < keyEnd; at++) hash = Math.imul(hash ^ source[at], FNV_PRIME);
  return hash;
}
