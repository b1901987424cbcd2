import { setTimeout as delay } from 'node:timers/promises';
import type { Message } from '../delivery/dispatcher';
import type { OwnView } from '../plan/own-view';
import { joinRanges, type SlotRanges } from '../plan/slot-ranges';
import { AtomicImports, type AtomicImport } from './atomic-imports';
import type { Node } from './handover';
import { ImportTrails, type Fence, type ImportTrailsHost, type RunningImport, type Suspicion } from './import-trails';

export interface ImportWatchHost extends ImportTrailsHost {
  /**
   * Asks the node for its view and its imports.
   * @param isEnding nothing but the end is still to come: it is to be found as exactly as can be.
   * @returns milliseconds until it may be asked again.
   */
  ask(isEnding: boolean): number;
  /** Whether it is asked again and again has changed. */
  changed(): void;
}

/**
 * The imports by the atomic way of one connection's node: asked for behind each of its views, and again and again
 * from the first word on that may be of one, since its place in what the node says is known as exactly as it is asked.
 */
export class ImportWatch {
  readonly #node: Node;
  readonly #host: ImportWatchHost;
  readonly #imports = new AtomicImports();
  readonly #trails: ImportTrails;
  #suspicion: Suspicion | undefined;
  /** As the present view has them. */
  #jobs: readonly AtomicImport[] | undefined;
  #isImporting = false;
  #isEnding = false;
  #isFollowing = false;
  #closed = false;

  constructor(node: Node, host: ImportWatchHost) {
    this.#node = node;
    this.#host = host;
    this.#trails = new ImportTrails(host);
  }

  /** Finds out how this server is asked, and which imports are over. */
  learn(): Promise<void> {
    return this.#imports.learn(args => this.#node.command(args));
  }

  /** The server knows the atomic way. */
  get isPossible(): boolean {
    return this.#imports.question !== undefined;
  }

  get isFollowing(): boolean {
    return this.#isFollowing;
  }

  /** @throws what the server answers, or when the connection is lost. */
  async ask(): Promise<readonly AtomicImport[]> {
    const { question } = this.#imports;
    return question ? this.#imports.read(await this.#node.command(question)) : [];
  }

  /** What it has imported, as far as its present view is concerned. */
  async running(): Promise<readonly RunningImport[]> {
    return this.#trails.of(this.#jobs ?? (await this.ask()));
  }

  /** It said this of a slot that was not its own. */
  add(slot: number, message: Message): void {
    this.#trails.add(slot, message);
  }

  /** It speaks for a slot that is not known to be its own: an import may be over before the first answer comes. */
  suspect(slot: number, owner: { fence(): Fence } | undefined): void {
    if (!this.isPossible) return;
    if (owner) this.#suspicion ??= { slot, fence: owner.fence() };
    this.#isImporting = true;
    void this.#follow();
  }

  /**
   * What it answered, before what was said is decided by that.
   * @param jobs undefined for no answer.
   * @param lag milliseconds that its words may have waited to be read.
   * @returns the slots that it imports; undefined when that is not known.
   */
  answered(jobs: readonly AtomicImport[] | undefined, lag: number): SlotRanges | undefined {
    this.#jobs = jobs;
    if (!jobs) return undefined;
    this.#isImporting = jobs.some(({ isOver }) => !isOver);
    this.#isEnding = jobs.some(({ isCopied }) => isCopied);
    this.#trails.follow(jobs, lag, this.#suspicion);
    this.#suspicion = undefined;
    return joinRanges(jobs.flatMap(({ slots }) => slots));
  }

  /**
   * What was said has been decided.
   * @param view that by which it was, if any.
   * @param isWaiting something still waits that what has just ended may explain.
   */
  decided(view: OwnView | undefined, isWaiting: boolean): void {
    if (view && this.#jobs) this.#trails.place(view, this.#jobs);
    void this.#follow();
    if (!isWaiting) this.#imports.forget();
  }

  close(): void {
    this.#closed = true;
  }

  async #follow(): Promise<void> {
    if (this.#isFollowing || !this.#isImporting) return;
    this.#isFollowing = true;
    while (this.#isImporting && !this.#closed) {
      await delay(this.#host.ask(this.#isEnding), undefined, { ref: false });
    }
    this.#isFollowing = false;
    this.#host.changed();
  }
}
