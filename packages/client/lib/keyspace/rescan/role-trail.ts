import { inRanges, type SlotRanges } from '../plan/slot-ranges';

/** Follows the one server of a client without a cluster through one scan: it must stay what it is. */
export class RoleTrail {
  readonly #slots: SlotRanges;
  readonly #mustBePrimary: boolean;
  #role: string | undefined;
  #hasChanged = false;

  constructor(slots: SlotRanges, mustBePrimary: boolean) {
    this.#slots = slots;
    this.#mustBePrimary = mustBePrimary;
  }

  wants(slot: number): boolean {
    return !this.#slots.length || inRanges(this.#slots, slot);
  }

  /** @param role `master`, `slave`, or undefined when the server does not tell. */
  see(role: string | undefined): void {
    if (role === undefined) return;
    this.#hasChanged ||= this.#role !== undefined && role !== this.#role;
    this.#role = role;
  }

  get isSound(): boolean {
    return !this.#hasChanged && (!this.#mustBePrimary || this.#role !== 'slave');
  }
}
