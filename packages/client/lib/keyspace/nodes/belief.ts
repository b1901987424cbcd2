import { inRanges, SLOT_COUNT } from '../plan/slot-ranges';
import type { OwnView } from '../plan/own-view';

/** What is decided about what a node says. Called synchronously, in the order of its stream for each slot. */
export interface BeliefHost<M> {
  /** The node spoke for this slot: as its owner, or (`owned` false) as one that imports it by the classic way. */
  believe(message: M, owned: boolean, slot: number): void;
  /** It did not: an atomic import, or a slot that is not its own. */
  hide(message: M, slot: number): void;
  /** It said what its primary says. */
  echo(message: M): void;
  /** Its own view is needed to go on: for this slot, or for all. */
  ask(slot?: number): void;
  /** It owns these slots from now on; what it says of them waits for `own()`. */
  gained(slots: readonly number[], wasReplica: boolean): void;
  /** What it said of these slots since then (ms) was hidden, and may have been its own: they left it meanwhile. */
  doubted(slots: readonly number[], since: number): void;
  /** Slots of a primary are no longer its own. */
  lost(): void;
  /** A primary has become a replica, of this node. */
  demoted(primaryId: string | undefined): void;
}

interface Held<M> {
  readonly slot: number;
  readonly message: M;
  /** All that had been said before that (ms) had been read when it was heard. */
  readonly since: number;
  /** How many places had been passed when it was said. */
  readonly place: number;
  readonly number: number;
  /** Of a slot that is gained: whether it was said after that. Undefined for any other. */
  afterGain?: boolean;
}

/** Marks that no view has explained yet. */
interface Marks {
  /** The number of the first message that was said after the first of them. */
  readonly first: number;
  /** The number of the first message that was said after the last of them, and its place. */
  readonly number: number;
  readonly place: number;
  /** The same number, of each slot whose own channel was taken. */
  readonly left: Map<number, number>;
}

/** What a view is compared with. */
interface Change {
  readonly view: OwnView;
  readonly place: { readonly from: number; readonly to: number };
  readonly marks: Marks | undefined;
  readonly before: Uint8Array;
  readonly imported: ReadonlySet<number>;
  readonly wasReplica: boolean;
}

export interface Uncertain<M> {
  readonly messages: readonly M[];
  /** It has spoken for the slot before without any right: then it imports by the atomic way. */
  readonly wasRefused: boolean;
}

const NONE: ReadonlySet<number> = new Set();
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
  readonly #heardUntil: () => number;
  readonly #state = new Uint8Array(SLOT_COUNT);
  /** How many gains of each slot wait for `own()`: it may be lost and gained again meanwhile. */
  readonly #gains = new Uint8Array(SLOT_COUNT);
  #importing: ReadonlySet<number> = new Set();
  #role: 'unknown' | 'primary' | 'replica' = 'unknown';
  #held: Held<M>[] = [];
  #numbers = 0;
  #marks: Marks | undefined;
  #places = 0;
  /** Places of answers that have been passed, whose content has not been told yet. */
  readonly #open: { readonly from: number; to: number }[] = [];
  /** Gains that were settled while something was open. */
  #owning: (() => void)[] = [];
  /** Slots that it spoke for while it neither owned nor imported them by the classic way. */
  readonly #refused = new Set<number>();
  /** What it was disowned of and has not gained since: it may still say what it takes for its own. */
  readonly #disowned = new Set<number>();
  /** What it was disowned of and has not spoken of since. */
  readonly #silentOf = new Set<number>();
  /** What the view that is being taken hides without knowing. */
  #doubtful: Held<M>[] = [];
  #waiters: { readonly entries: readonly Held<M>[]; readonly resolve: () => void }[] = [];
  #closed = false;

  /** @param heardUntil all that was said before that (ms) has been read. */
  constructor(host: BeliefHost<M>, heardUntil: () => number = Date.now) {
    this.#host = host;
    this.#heardUntil = heardUntil;
  }

  get role(): 'unknown' | 'primary' | 'replica' {
    return this.#role;
  }

  /** Does it own the slot, and is it believed? */
  owns(slot: number): boolean {
    return this.#state[slot] === OWNED;
  }

  /** Does it claim the slot, or import it by the classic way? Otherwise it has no say in it, be it known or not. */
  claims(slot: number): boolean {
    return this.#state[slot] !== 0 || this.#importing.has(slot);
  }

  /** Has it not said itself, as a primary, that it has lost the slot, by a mark at least? It may be disowned of it. */
  mayOwn(slot: number): boolean {
    if (this.#role !== 'primary') return true;
    return (this.claims(slot) || this.#silentOf.has(slot)) && this.#marks?.left.has(slot) !== true;
  }

  said(slot: number, message: M): void {
    const isCalm = this.#isCalm;
    if (isCalm && this.#decide(slot, message)) return;
    const held = { slot, message, since: this.#heardUntil(), place: this.#places, number: ++this.#numbers };
    this.#held.push({ ...held, ...this.#gainOf(slot) });
    if (isCalm && this.#state[slot] !== GAINING) this.#host.ask(slot);
  }

  /** From here on the node may have been asked for its own view. */
  asked(): void {
    this.#open.push({ from: ++this.#places, to: Infinity });
  }

  /** From here on it has answered: what it answered is told by `view()`, later. */
  answered(): void {
    this.#open.find(({ to }) => to === Infinity)!.to = ++this.#places;
  }

  /** The server has taken a sharded channel away, of one of these slots, which leave together. */
  mark(slots: readonly number[] = []): void {
    const left = this.#marks?.left ?? new Map<number, number>();
    const number = this.#numbers + 1;
    // Once it has left, a canary that was still on its way is refused.
    for (const slot of slots) if (!left.has(slot)) left.set(slot, number);
    this.#marks = { first: this.#marks?.first ?? number, number, place: this.#places, left };
    this.#host.ask();
  }

  /**
   * What the node answered at the oldest place that is open; undefined for nothing that can be read.
   * @returns false when nothing could be decided by it.
   */
  view(view: OwnView | undefined): boolean {
    const place = this.#open.shift()!;
    const marks = this.#marks;
    const isTaken = view !== undefined && (!marks || place.from > marks.place);
    if (!isTaken) {
      if (this.#isCalm) this.#release(({ slot, message }) => this.#decide(slot, message));
      if (this.#held.length || marks) this.#host.ask();
    } else {
      this.#marks = undefined;
      this.#silentOf.clear();
      if (view.isPrimary) this.#viewPrimary(view, place, marks);
      else this.#viewReplica(view, marks);
    }
    this.#tellDoubt();
    for (const own of this.#owning.splice(0)) own();
    this.#wake();
    return isTaken;
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
   * @param atomic those of which the rest was its own, since they came by the atomic way: at one point.
   */
  own(slots: readonly number[], foreign: ReadonlySet<M>, atomic: ReadonlySet<number> = NONE): void {
    for (const slot of slots) this.#refused.delete(slot);
    this.#release(({ slot, message }) => {
      if (foreign.has(message)) this.#host.hide(message, slot);
      return foreign.has(message);
    });
    for (const held of this.#held) if (held.afterGain === false && atomic.has(held.slot)) held.afterGain = true;
    if (this.#isCalm) this.#own(slots);
    else this.#owning.push(() => this.own(slots, new Set()));
    this.#wake();
  }

  /** It is not to be believed for these any more: it does not answer, and others own them. */
  disown(slots: Iterable<number>): void {
    for (const slot of slots) {
      this.#state[slot] = 0;
      this.#disowned.add(slot);
      this.#silentOf.add(slot);
    }
  }

  /** Resolves when what is held now is decided; of these slots, but for what waits for their former owners. */
  settled(slots?: ReadonlySet<number>): Promise<void> {
    const entries = this.#held.filter(({ slot, afterGain }) => !slots || (slots.has(slot) && afterGain === undefined));
    if (!entries.length) return Promise.resolve();
    return new Promise(resolve => this.#waiters.push({ entries, resolve }));
  }

  /**
   * The connection is gone: what was held for an answer alone is decided by what is known, the rest is forgotten.
   * @returns nothing that is forgotten was said before that (ms); Infinity when there is none.
   */
  close(): number {
    const marked = this.#marks?.first ?? Infinity;
    this.#release(({ slot, message, number }) => number < marked && this.#decide(slot, message));
    const since = this.#held[0]?.since ?? Infinity;
    this.#closed = true;
    this.#held = [];
    this.#owning = [];
    this.#wake();
    return since;
  }

  /** Nothing is under way that could change what is known. */
  get #isCalm(): boolean {
    return !this.#open.length && !this.#marks;
  }

  /** Decides by what is known. The steady state costs one look-up. */
  #decide(slot: number, message: M): boolean {
    const state = this.#state[slot];
    if (state === OWNED) this.#host.believe(message, true, slot);
    else if (this.#role === 'replica') this.#host.echo(message);
    else if (this.#importing.has(slot)) this.#host.believe(message, false, slot);
    else return false;
    return true;
  }

  #gainOf(slot: number): { afterGain?: boolean } {
    return this.#state[slot] === GAINING ? { afterGain: true } : {};
  }

  #viewPrimary(view: OwnView, place: Change['place'], marks: Marks | undefined): void {
    const wasReplica = this.#role === 'replica';
    const change = { view, place, marks, before: this.#state.slice(), imported: this.#importing, wasReplica };
    this.#role = 'primary';
    this.#importing = view.importing;
    for (const slot of view.importing) this.#refused.delete(slot);
    const { gained, hasLost } = this.#claim(view, marks);
    if (hasLost) this.#host.lost();
    this.#release(held => this.#judge(held, change));
    if (gained.length) this.#host.gained(gained, wasReplica);
    if (this.#held.some(({ slot }) => this.#state[slot] === 0)) this.#host.ask();
  }

  #judge(held: Held<M>, { view, place, marks, before, imported, wasReplica }: Change): boolean {
    const { slot, message } = held;
    const isBefore = held.place < place.to;
    // A promotion is marked at the very point where it happens, a finished import is not.
    if (wasReplica && (marks ? held.number < marks.number : isBefore)) {
      this.#host.echo(message);
      return true;
    }
    const isClaimed = this.#state[slot] !== 0;
    const leftAt = marks?.left.get(slot);
    if (before[slot] && isClaimed && leftAt === undefined) return this.#decide(slot, message);
    const wasImported = isBefore && imported.has(slot);
    if (before[slot] && held.number < (leftAt ?? Infinity)) this.#believeFormer(held);
    else if (isClaimed && !wasImported) {
      held.afterGain = wasReplica || !isBefore;
      return false;
    } else if (wasImported || view.importing.has(slot)) this.#host.believe(message, false, slot);
    else if (held.place >= place.from || !view.atomic) return false;
    else if (inRanges(view.atomic, slot)) {
      this.#refused.add(slot);
      this.#host.hide(message, slot);
    } else if (this.#disowned.has(slot)) this.#hideInDoubt(held);
    // A primary carries out only what is its own: it was, in between.
    else this.#host.believe(message, false, slot);
    return true;
  }

  #own(slots: readonly number[]): void {
    for (const slot of slots) {
      if (--this.#gains[slot] === 0 && this.#state[slot] === GAINING) this.#state[slot] = OWNED;
    }
    this.#release(({ slot, message, afterGain }) => {
      if (this.#state[slot] === OWNED) this.#host.believe(message, afterGain !== false, slot);
      return this.#state[slot] === OWNED;
    });
  }

  /** It had the slot when it said so, and has lost it, maybe before anybody was asked whether it was its own. */
  #believeFormer(held: Held<M>): void {
    const { slot, message, afterGain } = held;
    if (afterGain === false && this.#refused.has(slot)) this.#hideInDoubt(held);
    else this.#host.believe(message, afterGain !== false, slot);
  }

  #hideInDoubt(held: Held<M>): void {
    this.#doubtful.push(held);
    this.#host.hide(held.message, held.slot);
  }

  #tellDoubt(): void {
    const [first] = this.#doubtful;
    const slots = [...new Set(this.#doubtful.splice(0).map(({ slot }) => slot))];
    if (first) this.#host.doubted(slots, first.since);
  }

  #viewReplica(view: OwnView, marks: Marks | undefined): void {
    const was = this.#role;
    const imported = this.#importing;
    this.#role = 'replica';
    this.#importing = new Set();
    const before = this.#state.slice();
    this.#state.fill(0);
    this.#release(held => {
      const { slot, message, number } = held;
      if (was === 'replica' || (marks && number >= marks.number)) this.#host.echo(message);
      else if (marks && before[slot] && number < (marks.left.get(slot) ?? Infinity)) this.#believeFormer(held);
      else if (marks && imported.has(slot)) this.#host.believe(message, false, slot);
      else if (!marks && before[slot]) this.#host.echo(message);
      else this.#host.hide(message, slot);
      return true;
    });
    if (was === 'primary') this.#host.demoted(view.primaryId);
  }

  #claim(view: OwnView, marks: Marks | undefined): { readonly gained: number[]; readonly hasLost: boolean } {
    const claimed = new Uint8Array(SLOT_COUNT);
    for (const [from, to] of view.slots) claimed.fill(1, from, to + 1);
    const gained: number[] = [];
    let hasLost = false;
    for (let slot = 0; slot < SLOT_COUNT; slot++) {
      if (!claimed[slot] || marks?.left.has(slot)) {
        hasLost ||= this.#state[slot] !== 0;
        this.#state[slot] = 0;
      }
      if (claimed[slot] && !this.#state[slot]) {
        this.#state[slot] = GAINING;
        this.#gains[slot]++;
        this.#disowned.delete(slot);
        gained.push(slot);
      }
    }
    return { gained, hasLost };
  }

  /** Decides what can be decided, in order. A host may say or close something meanwhile. */
  #release(decide: (held: Held<M>) => boolean): void {
    const held = this.#held;
    this.#held = [];
    const rest = held.filter(entry => !this.#closed && !decide(entry));
    this.#held = rest.length ? [...rest, ...this.#held] : this.#held;
  }

  #wake(): void {
    if (!this.#waiters.length) return;
    const held = new Set(this.#held);
    const waiters = this.#waiters;
    this.#waiters = waiters.filter(({ entries }) => entries.some(entry => held.has(entry)));
    for (const waiter of waiters) if (!this.#waiters.includes(waiter)) waiter.resolve();
  }
}
