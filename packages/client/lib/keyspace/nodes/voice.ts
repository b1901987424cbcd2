import { setTimeout as delay } from 'node:timers/promises';
import type { Message } from '../delivery/dispatcher';
import { joinRanges } from '../plan/slot-ranges';
import { parseOwnView, type OwnView } from '../plan/own-view';
import type { AtomicImport } from './atomic-imports';
import { Belief, type BeliefHost, type Uncertain } from './belief';
import { Canaries } from './canaries';
import { makeDeferred } from './deferred';
import type { Node } from './handover';
import { History } from './history';
import type { Fence, ImportTrailsHost, RunningImport } from './import-trails';
import { ImportWatch } from './import-watch';
import { Succession } from './succession';
import { within } from './within';

export interface VoiceHost extends Omit<BeliefHost<Message>, 'ask' | 'doubted'>, ImportTrailsHost {
  /** The node speaks for a slot that is not known to be its own. @returns whose it was. */
  disputed(slot: number): Voice | undefined;
  /** The slots of a primary. */
  slotsOf(primaryId: string): OwnView['slots'];
}

/** Milliseconds between questions while a node goes on saying what cannot be decided. */
const PACE = 2;
/** As long as an import is about to end. */
const HASTE = 1;
/** The share of the time that may be spent asking is 1 in so many. */
const RELAXED = 4;
const LONGEST_PACE = 10;
/** While something is imported, questions do not wait for answers: so many at most. */
const MOST_QUESTIONS = 64;
/** Bytes of a view for which a server is asked every `PACE` milliseconds; more seldom for more. */
const SMALL_VIEW = 8_192;
/** Milliseconds to wait for the last words of a former owner. */
const LAST_WORDS = 500;
/** Milliseconds for which a node may refuse to say what is its own while something waits for that. */
const LONGEST_REFUSAL = 500;

/**
 * One connection of a cluster's node, and what of it is to be believed: asks the node for its own view whenever
 * that is needed, one question at a time, and keeps canaries on it.
 */
export class Voice {
  readonly node: Node;
  /** What it said as the owner. */
  readonly history = new History();
  readonly succession: Succession;
  readonly #host: VoiceHost;
  readonly #belief: Belief<Message>;
  readonly #canaries: Canaries;
  readonly #imports: ImportWatch;
  #slots: OwnView['slots'] = [];
  #asking: Promise<void> | undefined;
  /** The belief is told of the answers in their order. */
  #telling: Promise<void> = Promise.resolve();
  #askedAt = 0;
  #tookFor = 0;
  /** Since when something waits for an answer that the node refuses (ms). */
  #refusedSince: number | undefined;
  /** Those without an answer. */
  #questions = 0;
  #viewLength = 0;
  readonly #ended = makeDeferred<undefined>();
  #closed = false;

  constructor(node: Node, host: VoiceHost) {
    this.node = node;
    this.#host = host;
    this.#canaries = new Canaries(node, slots => {
      if (!this.#closed) this.#belief.mark(slots);
    });
    this.succession = new Succession(node);
    this.#imports = new ImportWatch(node, {
      ...host,
      ask: isEnding => this.#askOfImports(isEnding),
      changed: () => this.#sip()
    });
    this.#belief = new Belief(
      {
        ...host,
        hide: (message, slot) => {
          this.#imports.add(slot, message);
          host.hide(message, slot);
        },
        echo: message => {
          this.succession.echo.add(message);
          host.echo(message);
        },
        doubted: (slots, since) => host.missed(joinRanges(slots.map(slot => [slot, slot])), since),
        demoted: primaryId => {
          this.succession.demoted();
          host.demoted(primaryId);
        },
        ask: slot => {
          if (slot !== undefined) this.#imports.suspect(slot, host.disputed(slot));
          void this.#ask();
        }
      },
      () => node.heardUntil
    );
  }

  /** Learns what is the node's own. @throws when the node does not say it, or the connection is lost. */
  async open(): Promise<void> {
    await this.#imports.learn();
    const { answer, told } = this.#question();
    const text = await answer;
    await told;
    if (this.#belief.role === 'unknown') throw unreadable(this.node, text);
    if (this.#belief.role === 'replica') this.succession.lookAsReplica();
  }

  /** What the node says of the cluster; of what is its own the belief is told as well. */
  look(): Promise<string> {
    return this.#question().answer;
  }

  owns(slot: number): boolean {
    return this.#belief.owns(slot);
  }

  claims(slot: number): boolean {
    return this.#belief.claims(slot);
  }

  mayOwn(slot: number): boolean {
    return this.#belief.mayOwn(slot);
  }

  get isReplica(): boolean {
    return this.#belief.role === 'replica';
  }

  /** What only primaries say is subscribed. */
  async foretells(): Promise<void> {
    await this.#question().told;
    this.succession.isForetelling ||= this.isReplica;
  }

  said(slot: number, message: Message): void {
    this.#belief.said(slot, message);
  }

  /** The server may allow sharded channels again. */
  granted(): void {
    this.#canaries.granted();
    this.#keepCanary();
  }

  /** A canary is gone. */
  taken(channel: Buffer): void {
    this.#canaries.taken(channel);
  }

  /** To be told by a mark when these slots leave, together. */
  watch(slots: readonly number[]): void {
    this.#canaries.watch(slots);
  }

  /** Reads what it has said of these slots. One that does not answer is not believed for them any more. */
  async hearOut(slots: readonly number[]): Promise<void> {
    await within(
      this.#asking ? this.#asking.then(() => this.#ask()) : this.#ask(),
      LAST_WORDS,
      () => new Error()
    ).catch(() => this.#belief.disown(slots));
    await this.#belief.settled(new Set(slots));
  }

  /** What the last question took (ms). */
  get roundTrip(): number {
    return this.#tookFor;
  }

  /** What it has imported by the atomic way, as far as its present view is concerned. */
  imports(): Promise<readonly RunningImport[]> {
    return this.#imports.running();
  }

  uncertain(slots: Iterable<number>): Map<number, Uncertain<Message>> {
    return this.#belief.uncertain(slots);
  }

  own(slots: readonly number[], foreign: ReadonlySet<Message>, atomic: ReadonlySet<number>): void {
    this.#belief.own(slots, foreign, atomic);
  }

  /** Resolves when what it has said of these slots is decided, or waits for others too long. */
  async settledOf(slots: readonly number[]): Promise<void> {
    await within(this.#belief.settled(new Set(slots)), LAST_WORDS, () => new Error()).catch(() => undefined);
  }

  settled(): Promise<void> {
    return this.#belief.settled();
  }

  /** Where what it says as the owner is now. */
  fence(): Fence {
    const fence = { nodeId: this.node.node.id, from: Infinity };
    const after = () => {
      fence.from = this.history.count + this.#belief.held.length;
    };
    this.node.ask(['PING'], { before: () => undefined, after }).catch(() => undefined);
    return fence;
  }

  get held(): readonly Message[] {
    return this.#belief.held;
  }

  /** The connection is gone. @returns since when there was something that is forgotten undecided (ms), or Infinity. */
  close(): number {
    this.#closed = true;
    this.#ended.resolve(undefined);
    this.succession.close();
    this.#imports.close();
    return this.#belief.close();
  }

  #ask(): Promise<void> {
    if (this.#asking) return this.#asking;
    const asking = this.#askPaced().finally(() => {
      if (this.#asking === asking) this.#asking = undefined;
      this.#sip();
    });
    this.#asking = asking;
    this.#sip();
    return asking;
  }

  async #askPaced(): Promise<void> {
    const pace = Math.min(Math.max(PACE, RELAXED * this.#tookFor), LONGEST_PACE);
    const wait = pace - (performance.now() - this.#askedAt);
    if (wait > 0) await delay(wait, undefined, { ref: false });
    if (this.#closed) return;
    const { told } = this.#question(true);
    await told;
  }

  /**
   * @param withImports to ask about atomic imports as well, right behind.
   * @returns the answer, and when the belief has been told of it.
   */
  #question(withImports = false): { readonly answer: Promise<string>; readonly told: Promise<void> } {
    const since = performance.now();
    this.#questions++;
    const passed = makeDeferred<void>();
    const answer = this.node.ask<unknown>(['CLUSTER', 'NODES'], {
      before: () => this.#belief.asked(),
      after: () => {
        this.#belief.answered();
        passed.resolve();
      }
    });
    const text = answer.then(String);
    const asked = withImports || !this.#imports.isPossible ? this.#imports.ask() : undefined;
    // Without an answer, or with one that cannot be read, nothing is known, but the place has been passed.
    let refusal: Error | undefined;
    const readable = text.catch((error: Error) => {
      refusal = error;
      return '';
    });
    const complete = Promise.all([readable, asked?.catch(() => undefined), passed.promise]);
    const told = this.#telling.then(async () => {
      const answered = await Promise.race([complete, this.#ended.promise]);
      this.#questions--;
      if (!answered) return;
      this.#viewLength = answered[0].length;
      this.#askedAt = performance.now();
      this.#tookFor = this.#askedAt - since;
      const view = parseOwnView(answered[0]);
      this.#tell(view, answered[1]);
      this.#bear(view ? undefined : (refusal ?? unreadable(this.node, answered[0])));
    });
    this.#telling = told;
    return { answer: text, told };
  }

  /** What cannot be decided must not wait for ever: without an answer nobody listens to the node, as all can see. */
  #bear(refusal: Error | undefined): void {
    const isNeeded = refusal !== undefined && this.#asking !== undefined;
    this.#refusedSince = isNeeded ? (this.#refusedSince ?? this.#askedAt) : undefined;
    if (isNeeded && this.#askedAt - this.#refusedSince! > LONGEST_REFUSAL) this.node.giveUp(refusal);
  }

  #tell(view: OwnView | undefined, jobs: readonly AtomicImport[] | undefined): void {
    // What the answer leaves open is asked anew.
    this.#asking = undefined;
    // What is read now was said before the question at the earliest, and the first of it a question earlier.
    const atomic = this.#imports.answered(jobs, 2 * this.#tookFor);
    const isTaken = this.#belief.view(view && { ...view, atomic });
    this.#imports.decided(isTaken ? view : undefined, this.#belief.held.length > 0);
    if (view) this.#slots = view.isPrimary || !view.primaryId ? view.slots : this.#host.slotsOf(view.primaryId);
    this.#keepCanary();
  }

  /** Without waiting for what has been asked before. */
  #askOfImports(isEnding: boolean): number {
    if (this.#questions < MOST_QUESTIONS) void this.#question(true);
    return (isEnding ? HASTE : PACE) * Math.ceil(this.#viewLength / SMALL_VIEW);
  }

  /** While an answer is needed. */
  #sip(): void {
    if (!this.#closed) this.node.sip(this.#asking !== undefined || this.#imports.isFollowing);
  }

  /** One at least, of its own slots or of its primary's: then a change of its role is marked. */
  #keepCanary(): void {
    if (this.#closed || this.#canaries.size || !this.#slots.length) return;
    this.watch([this.#slots[0][0]]);
  }
}

function unreadable({ address }: Node, text: string): Error {
  return new Error(`${address} answered CLUSTER NODES by ${JSON.stringify(text.slice(0, 100))}`);
}
