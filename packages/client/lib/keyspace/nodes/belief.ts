import { SLOT_COUNT } from '../plan/slot-ranges';
import type { OwnView } from '../plan/own-view';

/** What is decided about what a node says. Called synchronously, in the order of its stream for each slot. */
export interface BeliefHost<M> {
  /** The node spoke for this slot: as its owner, or (`owned` false) as one that imports it by the classic way. */
  believe(message: M, owned: boolean, slot: number): void;
  /** It did not: an atomic import, or a slot that is not its own. */
  hide(message: M): void;
  /** It said what its primary says. */
  echo(message: M): void;
  /** Its own view is needed to go on: for this slot, or for all. */
  ask(slot?: number): void;
  /** It owns these slots from now on; what it says of them waits for `own()`. */
  gained(slots: readonly number[]): void;
  /** Slots of a primary are no longer its own. */
  lost(): void;
  /** A primary has become a replica, of this node. */
  demoted(primaryId: string | undefined): void;
}

interface Held<M> {
  readonly slot: number;
  readonly message: M;
  /** How many places had been passed when it was said. */
  readonly place: number;
  readonly number: number;
  /** Of a slot that is gained: whether it was said after that. Undefined for any other. */
  afterGain?: boolean;
}

export interface Uncertain<M> {
  readonly messages: readonly M[];
  /** It has spoken for the slot before without any right: then it imports by the atomic way. */
  readonly wasRefused: boolean;
}

const GAINING = 1;
const OWNED = 2;

/**
 * For which slots is a node to be believed, at this point of its stream? Decided by nothing but that stream:
 * by the node's own view (its line of CLUSTER NODES) at the place where its answer stands, and by marks, the
 * sharded channels that a server takes away where a slot leaves it or its role changes. What cannot be decided
 * yet is held. Pure: whoever owns it brings the stream and the answers, in order, and carries out the decisions.
 */
export class Belief<M> {
  readonly #host: BeliefHost<M>;
  readonly #state = new Uint8Array(SLOT_COUNT);
  #importing: ReadonlySet<number> = new Set();
  #role: 'unknown' | 'primary' | 'replica' = 'unknown';
  #held: Held<M>[] = [];
  #numbers = 0;
  /** The number of the first message that was said after a mark, and the place of the mark. */
  #mark: { readonly number: number; readonly place: number } | undefined;
  #places = 0;
  /** Places of answers that have been passed, whose content has not been told yet. */
  readonly #open: { readonly from: number; to: number }[] = [];
  /** Gains that were settled while something was open. */
  #owning: (() => void)[] = [];
  /** Slots that it spoke for while it neither owned nor imported them by the classic way. */
  readonly #refused = new Set<number>();
  #waiters: { readonly until: number; readonly resolve: () => void }[] = [];

  constructor(host: BeliefHost<M>) {
    this.#host = host;
  }

  get role(): 'unknown' | 'primary' | 'replica' {
    return this.#role;
  }

  /** Does it own the slot, and is it believed? */
  owns(slot: number): boolean {
    return this.#state[slot] === OWNED;
  }

  /** The steady state costs one look-up. */
  said(slot: number, message: M): void {
    const isCalm = !this.#open.length && !this.#mark;
    if (isCalm && this.#state[slot] === OWNED) this.#host.believe(message, true, slot);
    else if (isCalm && this.#role === 'replica') this.#host.echo(message);
    else if (isCalm && this.#state[slot] !== GAINING && this.#importing.has(slot))
      this.#host.believe(message, false, slot);
    else {
      this.#held.push({ slot, message, place: this.#places, number: ++this.#numbers, ...this.#gainOf(slot) });
      if (isCalm && this.#state[slot] !== GAINING) this.#host.ask(slot);
    }
  }

  /** From here on the node may have been asked for its own view. */
  asked(): void {
    this.#open.push({ from: ++this.#places, to: Infinity });
  }

  /** From here on it has answered: what it answered is told by `view()`, later. */
  answered(): void {
    this.#open[this.#open.length - 1].to = ++this.#places;
  }

  /** The server has taken a sharded channel away. */
  mark(): void {
    this.#mark ??= { number: this.#numbers + 1, place: this.#places };
    this.#host.ask();
  }

  /** What the node answered at the oldest place that is open; undefined for nothing that can be read. */
  view(view: OwnView | undefined): void {
    const place = this.#open.shift()!;
    if (!view || (this.#mark && place.from <= this.#mark.place)) {
      if (this.#held.length || this.#mark) this.#host.ask();
      return;
    }
    const marked = this.#mark?.number;
    this.#mark = undefined;
    if (view.isPrimary) this.#viewPrimary(view, place, marked);
    else this.#viewReplica(view, marked);
    for (const own of this.#owning.splice(0)) own();
    this.#wake();
  }

  /** What is held, in order. */
  get held(): M[] {
    return this.#held.map(({ message }) => message);
  }

  /** What was said of these slots when they may not have been its own yet, in order. */
  uncertain(slots: Iterable<number>): Map<number, Uncertain<M>> {
    const wanted = new Set(slots);
    const result = new Map<number, { messages: M[]; wasRefused: boolean }>();
    for (const { slot, message, afterGain } of this.#held) {
      if (afterGain !== false || !wanted.has(slot)) continue;
      const known = result.get(slot);
      if (known) known.messages.push(message);
      else result.set(slot, { messages: [message], wasRefused: this.#refused.has(slot) });
    }
    return result;
  }

  /**
   * All that the former owners said of these slots has been read.
   * @param foreign what of the uncertain was not its own.
   */
  own(slots: readonly number[], foreign: ReadonlySet<M>): void {
    if (this.#open.length || this.#mark) {
      this.#owning.push(() => this.own(slots, foreign));
      return;
    }
    for (const slot of slots) {
      this.#refused.delete(slot);
      if (this.#state[slot] === GAINING) this.#state[slot] = OWNED;
    }
    this.#release(({ slot, message, afterGain }) => {
      if (this.#state[slot] !== OWNED) return false;
      if (foreign.has(message)) this.#host.hide(message);
      else this.#host.believe(message, afterGain !== false, slot);
      return true;
    });
    this.#wake();
  }

  /** It is not to be believed for these any more: it does not answer, and others own them. */
  disown(slots: Iterable<number>): void {
    for (const slot of slots) this.#state[slot] = 0;
  }

  /** Resolves when what is held now is decided. */
  settled(): Promise<void> {
    if (!this.#held.length) return Promise.resolve();
    return new Promise(resolve => this.#waiters.push({ until: this.#numbers, resolve }));
  }

  /** The connection is gone. */
  close(): void {
    this.#held = [];
    this.#owning = [];
    this.#wake();
  }

  #gainOf(slot: number): { afterGain?: boolean } {
    return this.#state[slot] === GAINING ? { afterGain: true } : {};
  }

  #viewPrimary(view: OwnView, place: { from: number; to: number }, marked: number | undefined): void {
    const wasReplica = this.#role === 'replica';
    this.#role = 'primary';
    this.#importing = view.importing;
    const before = this.#state.slice();
    const { gained, hasLost } = this.#claim(view);
    if (hasLost) this.#host.lost();
    this.#release(held => {
      const { slot, message } = held;
      const was = before[slot];
      const isClaimed = this.#state[slot] !== 0;
      if (was === OWNED && (isClaimed || marked === undefined || held.number < marked)) {
        this.#host.believe(message, true, slot);
        return true;
      }
      if (isClaimed) {
        // A promotion is marked at the very point where it happens, a finished import is not.
        if (was === 0)
          held.afterGain = wasReplica && marked !== undefined ? held.number >= marked : held.place >= place.to;
        if (!wasReplica || held.afterGain) return false;
        this.#host.echo(message);
      } else if (view.importing.has(slot)) this.#host.believe(message, false, slot);
      else if (held.place < place.from) {
        this.#refused.add(slot);
        this.#host.hide(message);
      } else return false;
      return true;
    });
    if (gained.length) this.#host.gained(gained);
    if (this.#held.some(({ slot }) => this.#state[slot] === 0)) this.#host.ask();
  }

  #viewReplica(view: OwnView, marked: number | undefined): void {
    const was = this.#role;
    this.#role = 'replica';
    this.#importing = new Set();
    const before = this.#state.slice();
    this.#state.fill(0);
    this.#release(({ slot, message, number }) => {
      if (before[slot] === OWNED && marked !== undefined && number < marked) this.#host.believe(message, true, slot);
      else if (before[slot] === OWNED || was === 'replica') this.#host.echo(message);
      else this.#host.hide(message);
      return true;
    });
    if (was === 'primary') this.#host.demoted(view.primaryId);
  }

  #claim(view: OwnView): { readonly gained: number[]; readonly hasLost: boolean } {
    const claimed = new Uint8Array(SLOT_COUNT);
    for (const [from, to] of view.slots) claimed.fill(1, from, to + 1);
    const gained: number[] = [];
    let hasLost = false;
    for (let slot = 0; slot < SLOT_COUNT; slot++) {
      if (!claimed[slot]) {
        hasLost ||= this.#state[slot] !== 0;
        this.#state[slot] = 0;
      } else if (!this.#state[slot]) {
        this.#state[slot] = GAINING;
        gained.push(slot);
      }
    }
    return { gained, hasLost };
  }

  /** Decides what can be decided, in order. A host may say or close something meanwhile. */
  #release(decide: (held: Held<M>) => boolean): void {
    const held = this.#held;
    this.#held = [];
    const rest = held.filter(entry => !decide(entry));
    this.#held = rest.length ? [...rest, ...this.#held] : this.#held;
  }

  #wake(): void {
    const oldest = this.#held[0]?.number ?? Infinity;
    const woken = this.#waiters.filter(({ until }) => until < oldest);
    this.#waiters = this.#waiters.filter(({ until }) => until >= oldest);
    for (const { resolve } of woken) resolve();
  }
}
