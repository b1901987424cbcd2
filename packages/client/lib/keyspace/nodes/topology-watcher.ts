import type { NodeRole, Topology } from '../plan/topology';

/** What is known before a look. */
export interface LookContext {
  readonly current: Topology | undefined;
  /** The ids of nodes whose own views are wanted in any case. */
  readonly hinted: ReadonlySet<string>;
  /** Whom to ask: the nodes that are connected, by their ids, replicas too. */
  readonly nodes: ReadonlyMap<string, AskedNode>;
}

/** What a look needs of a connected node. */
export interface AskedNode {
  readonly node: { readonly role: NodeRole };
  readonly address: string;
  readonly state: string;
  /** Its answer to CLUSTER NODES. */
  look(): Promise<string>;
  command<T>(args: readonly string[]): Promise<T>;
}

/** Where topologies come from: what a front knows about asking its servers. */
export interface TopologySource {
  /** @returns undefined when nobody could say, or when what was said must change nothing. */
  look(context: LookContext): Promise<Topology | undefined>;
  /** Calls `hint` whenever something suggests a change. @returns a function that stops it. */
  watch?(hint: () => void): () => void;
}

export interface TopologyWatcherOptions {
  /** Milliseconds between looks when nothing hints at a change. */
  readonly interval: number;
  /** Milliseconds between looks while something is amiss. */
  readonly hurriedInterval: number;
  now(): number;
}

/**
 * Looks at the topology on hints and, as a backstop, at an interval; never twice at a time. A look that was
 * under way when a hint came is followed by another, since it may have read what was before.
 */
export class TopologyWatcher {
  readonly #source: TopologySource;
  readonly #nodes: () => ReadonlyMap<string, AskedNode>;
  readonly #options: TopologyWatcherOptions;
  readonly #apply: (topology: Topology | undefined, askedAt: number) => void;
  #topology: Topology | undefined;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  #hinted = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #unwatch: (() => void) | undefined;
  #active = false;
  #hurried = false;

  constructor(
    source: TopologySource,
    nodes: () => ReadonlyMap<string, AskedNode>,
    options: TopologyWatcherOptions,
    apply: (topology: Topology | undefined, askedAt: number) => void
  ) {
    this.#source = source;
    this.#nodes = nodes;
    this.#options = options;
    this.#apply = apply;
  }

  start(): void {
    if (this.#active) return;
    this.#active = true;
    this.#unwatch = this.#source.watch?.(() => void this.refresh());
    void this.refresh();
  }

  stop(): void {
    this.#active = false;
    clearTimeout(this.#timer);
    this.#unwatch?.();
    this.#unwatch = undefined;
    this.#topology = undefined;
  }

  /** While something is amiss the next look comes soon. */
  hurry(hurried: boolean): void {
    if (this.#hurried === hurried) return;
    this.#hurried = hurried;
    if (this.#active && !this.#running) this.#schedule();
  }

  /** Resolves when a look that began after the call has been applied. Never rejects. */
  refresh(hinted?: string): Promise<void> {
    if (hinted !== undefined) this.#hinted.add(hinted);
    // One that is to come has not begun, also when the one before it has just ended.
    if (this.#next) return this.#next;
    if (!this.#running) return (this.#running = this.#look());
    return (this.#next = this.#running.then(() => {
      this.#next = undefined;
      return (this.#running = this.#look());
    }));
  }

  async #look(): Promise<void> {
    clearTimeout(this.#timer);
    const askedAt = this.#options.now();
    const hinted = this.#hinted;
    this.#hinted = new Set();
    const context = { current: this.#topology, hinted, nodes: this.#nodes() };
    const topology = this.#active ? await this.#source.look(context).catch(() => undefined) : undefined;
    this.#running = undefined;
    // Stopped while it looked: what it saw concerns nobody.
    if (!this.#active) return;
    if (topology) this.#topology = topology;
    this.#apply(topology, askedAt);
    this.#schedule();
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    const { interval, hurriedInterval } = this.#options;
    this.#timer = setTimeout(() => void this.refresh(), this.#hurried ? Math.min(interval, hurriedInterval) : interval);
    this.#timer.unref();
  }
}
