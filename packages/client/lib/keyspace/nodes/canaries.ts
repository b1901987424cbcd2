import calculateSlot from 'cluster-key-slot';
import { ErrorReply } from '../../upstream';
import { canaryOf } from './canary';
import type { Node } from './handover';

/** The canaries of one connection: each tells by a mark where in the stream its slot leaves, or the node's role changes. */
export class Canaries {
  readonly #node: Node;
  readonly #onMark: (slots: readonly number[]) => void;
  /** Slots whose canaries are subscribed, or on their way, and which slots leave together with each. */
  readonly #slots = new Map<number, readonly number[]>();
  /** Sharded channels are unknown to the server, or not allowed. */
  #isBare = false;

  constructor(node: Node, onMark: (slots: readonly number[]) => void) {
    this.#node = node;
    this.#onMark = onMark;
  }

  get size(): number {
    return this.#slots.size;
  }

  /** To be told by a mark when these slots leave, together. */
  watch(slots: readonly number[]): void {
    if (this.#isBare) return;
    const slot = slots.find(other => this.#slots.has(other)) ?? slots[0];
    const known = this.#slots.get(slot);
    this.#slots.set(slot, [...new Set([...(known ?? []), ...slots])]);
    if (known) return;
    // Refused, the slot has left before: in the order of the stream, since it may be on its way back.
    this.#node
      .subscribeSharded(canaryOf(slot), () => this.#mark(slot))
      .catch((error: unknown) => {
        if (error instanceof ErrorReply && !error.message.startsWith('MOVED')) this.#isBare = true;
      });
  }

  /** The server has taken it away. */
  taken(channel: Buffer): void {
    this.#mark(calculateSlot(channel));
  }

  /** The server may allow sharded channels again. */
  granted(): void {
    this.#isBare = false;
  }

  #mark(slot: number): void {
    const slots = this.#slots.get(slot) ?? [slot];
    this.#slots.delete(slot);
    this.#onMark(slots);
  }
}
