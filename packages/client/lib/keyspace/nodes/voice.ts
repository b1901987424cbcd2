import { setTimeout as delay } from 'node:timers/promises';
import type { Message } from '../delivery/dispatcher';
import { joinRanges } from '../plan/slot-ranges';
import { AtomicImports, type AtomicImport } from './atomic-imports';
import { parseOwnView, type OwnView } from '../plan/own-view';
import { Belief, type BeliefHost, type Uncertain } from './belief';
import { Canaries } from './canaries';
import { Echo } from './echo';
import type { Node } from './handover';
import { History } from './history';
import { ImportTrails, type Fence, type ImportTrailsHost, type RunningImport, type Suspicion } from './import-trails';
import type { PrimaryWord } from './primary-words';
import { parseReplicationPoint, REPLICATION_QUESTION, type ReplicationPoint } from './replication-point';
import { within } from './within';

export interface VoiceHost extends Omit<BeliefHost<Message>, 'ask' | 'doubted'>, ImportTrailsHost {
  /** The node speaks for a slot that is not known to be its own. @returns whose it was. */
  disputed(slot: number): Voice | undefined;
  /** The slots of a primary. */
  slotsOf(primaryId: string): OwnView['slots'];
}

/** Milliseconds between questions while a node goes on saying what cannot be decided. */
const PACE = 2;
/** The share of the time that may be spent asking is 1 in so many. */
const RELAXED = 4;
const LONGEST_PACE = 10;
/** While something is imported, questions do not wait for answers: so many at most. */
const MOST_QUESTIONS = 64;
/** Bytes of a view for which a server is asked every `PACE` milliseconds; more seldom for more. */
const SMALL_VIEW = 8_192;
/** So many words of a new primary are kept until all is subscribed. */
const MOST_FORETOLD = 50_000;
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
  /** What it said as a new primary that a replica calls otherwise, from its first moment on if it foretells. */
  readonly foretold: PrimaryWord[] = [];
  /** It was subscribed to that when it was a replica. */
  isForetelling = false;
  /** What it says as a replica, of late. */
  readonly echo = new Echo();
  /** Resolves when it is known to be a replica; rejects when it is closed. */
  readonly demotion = makeDeferred<void>();
  /** How far it was as a replica, when it was last asked as one. */
  asReplica: ReplicationPoint | undefined;
  /** How far it was when all was subscribed, and what it had foretold by then. */
  readonly subscription = makeDeferred<{ point: ReplicationPoint; foretold: readonly PrimaryWord[] }>();
  readonly #host: VoiceHost;
  readonly #belief: Belief<Message>;
  readonly #canaries: Canaries;
  readonly #imports = new AtomicImports();
  readonly #trails: ImportTrails;
  #suspicion: Suspicion | undefined;
  /** As the present view has them. */
  #jobs: readonly AtomicImport[] | undefined;
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
  #isImporting = false;
  #isFollowing = false;
  readonly #ended = makeDeferred<undefined>();
  #closed = false;

  constructor(node: Node, host: VoiceHost) {
    this.node = node;
    this.#host = host;
    this.#canaries = new Canaries(node, slots => {
      if (!this.#closed) this.#belief.mark(slots);
    });
    this.#trails = new ImportTrails(host);
    this.#belief = new Belief(
      {
        ...host,
        hide: (message, slot) => {
          this.#trails.add(slot, message);
          host.hide(message, slot);
        },
        echo: message => {
          this.echo.add(message);
          host.echo(message);
        },
        doubted: (slots, since) => host.missed(joinRanges(slots.map(slot => [slot, slot])), since),
        demoted: primaryId => {
          this.demotion.resolve();
          this.#lookAsReplica();
          host.demoted(primaryId);
        },
        ask: slot => {
          if (slot !== undefined) this.#suspect(slot);
          void this.#ask();
        }
      },
      () => node.heardUntil
    );
  }

  /** Learns what is the node's own. @throws when the node does not say it, or the connection is lost. */
  async open(): Promise<void> {
    await this.#imports.learn(args => this.node.command(args));
    const { answer, told } = this.#question();
    const text = await answer;
    await told;
    if (this.#belief.role === 'unknown') throw unreadable(this.node, text);
    if (this.#belief.role === 'replica') this.#lookAsReplica();
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

  get isReplica(): boolean {
    return this.#belief.role === 'replica';
  }

  /** What only primaries say is subscribed. */
  async foretells(): Promise<void> {
    await this.#question().told;
    this.isForetelling ||= this.isReplica;
  }

  foretell(word: PrimaryWord): void {
    if (this.foretold.length < MOST_FORETOLD) this.foretold.push(word);
    else this.isForetelling = false;
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
  async imports(): Promise<readonly RunningImport[]> {
    return this.#trails.of(this.#jobs ?? (await this.#askImports()));
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

  /** All is subscribed. */
  async subscribed(): Promise<void> {
    let said = 0;
    await this.position(() => (said = this.foretold.length)).then(
      point => this.subscription.resolve({ point, foretold: this.foretold.slice(0, said) }),
      (error: Error) => this.subscription.reject(error)
    );
  }

  #lookAsReplica(): void {
    this.position().then(
      point => {
        if (point.isReplica) this.asReplica = point;
      },
      () => undefined
    );
  }

  /** How far it is. @throws what the server answers, or when the connection is lost. */
  async position(onPlace: () => void = () => undefined): Promise<ReplicationPoint> {
    let pass = () => {};
    const passed = new Promise<void>(resolve => (pass = resolve));
    const answer = await this.node.ask<unknown>(REPLICATION_QUESTION, {
      before: () => undefined,
      after: () => {
        onPlace();
        pass();
      }
    });
    await passed;
    return parseReplicationPoint(String(answer));
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
    const error = new Error(`${this.node.address} is not connected`);
    this.#ended.resolve(undefined);
    this.demotion.reject(error);
    this.subscription.reject(error);
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
    let pass = () => {};
    const passed = new Promise<void>(resolve => (pass = resolve));
    const answer = this.node.ask<unknown>(['CLUSTER', 'NODES'], {
      before: () => this.#belief.asked(),
      after: () => {
        this.#belief.answered();
        pass();
      }
    });
    const text = answer.then(String);
    const asked = withImports || !this.#imports.question ? this.#askImports() : undefined;
    // Without an answer, or with one that cannot be read, nothing is known, but the place has been passed.
    let refusal: Error | undefined;
    const readable = text.catch((error: Error) => {
      refusal = error;
      return '';
    });
    const complete = Promise.all([readable, asked?.catch(() => undefined), passed]);
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

  async #askImports(): Promise<readonly AtomicImport[]> {
    const { question } = this.#imports;
    return question ? this.#imports.read(await this.node.command(question)) : [];
  }

  #tell(view: OwnView | undefined, jobs: readonly AtomicImport[] | undefined): void {
    // What the answer leaves open is asked anew.
    this.#asking = undefined;
    this.#jobs = jobs;
    if (jobs) {
      this.#isImporting = jobs.some(({ isOver }) => !isOver);
      // What is read now was said before the question at the earliest, and the first of it a question earlier.
      this.#trails.follow(jobs, 2 * this.#tookFor, this.#suspicion);
      this.#suspicion = undefined;
    }
    const isTaken = this.#belief.view(
      view && { ...view, atomic: jobs && joinRanges(jobs.flatMap(({ slots }) => slots)) }
    );
    if (view && jobs && isTaken) this.#trails.place(view, jobs);
    void this.#followImports();
    // As long as something waits, what has just ended may explain it.
    if (!this.#belief.held.length) this.#imports.forget();
    if (view) this.#slots = view.isPrimary || !view.primaryId ? view.slots : this.#host.slotsOf(view.primaryId);
    this.#keepCanary();
  }

  /** Its place in what the node says is known as exactly as it is asked. */
  /** An import by the atomic way may be over before the first answer comes. */
  #suspect(slot: number): void {
    const owner = this.#host.disputed(slot);
    if (!this.#imports.question) return;
    if (owner) this.#suspicion ??= { slot, fence: owner.fence() };
    void this.#followImports(true);
  }

  async #followImports(isSuspected = false): Promise<void> {
    this.#isImporting ||= isSuspected;
    if (this.#isFollowing || !this.#isImporting) return;
    this.#isFollowing = true;
    while (this.#isImporting && !this.#closed) {
      if (this.#questions < MOST_QUESTIONS) void this.#question(true);
      await delay(PACE * Math.ceil(this.#viewLength / SMALL_VIEW), undefined, { ref: false });
    }
    this.#isFollowing = false;
    this.#sip();
  }

  /** While an answer is needed. */
  #sip(): void {
    if (!this.#closed) this.node.sip(this.#asking !== undefined || this.#isFollowing);
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

interface Deferred<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(error: Error): void;
}

/** Nobody has to wait for it. */
function makeDeferred<T>(): Deferred<T> {
  let resolve!: (value: T) => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<T>((...settle) => ([resolve, reject] = settle));
  promise.catch(() => undefined);
  return { promise, resolve, reject };
}
