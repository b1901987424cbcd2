import { SLOT_COUNT } from './slot-ranges';

/** Slots that are given away: each once, to whoever comes first. All calls together cost O(calls + slots). */
export class SlotGrants {
  readonly owners = new Array<string | undefined>(SLOT_COUNT).fill(undefined);
  /** Those that got any. */
  readonly winners = new Set<string>();
  /** From `[slot]` on the next free slot is found: itself, or one that is nearer to it. */
  readonly #next = new Uint16Array(SLOT_COUNT + 1).map((_, slot) => slot);

  /** Gives what is still free of `from..to`. @returns how many slots that was. */
  give(id: string, from: number, to: number): number {
    const end = Math.min(to + 1, SLOT_COUNT);
    let given = 0;
    for (let slot = this.#free(Math.min(from, end)); slot < end; slot = this.#free(slot + 1)) {
      this.owners[slot] = id;
      this.#next[slot] = end;
      given++;
    }
    if (given) this.winners.add(id);
    return given;
  }

  /** Shortens the way for whoever asks next. */
  #free(slot: number): number {
    const next = this.#next;
    while (next[slot] !== slot) slot = next[slot] = next[next[slot]];
    return slot;
  }
}
