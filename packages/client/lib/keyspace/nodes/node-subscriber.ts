import type { Want } from '../plan/registry';
import type { TopologyNode } from '../plan/topology';
import { KeyspaceClosedError, type KeyspaceRefusedError } from '../errors';
import type { ConnectionHandler, NodeConnection } from './connection';
import { subscribeWants, unsubscribeWants } from './subscribe-wants';
import { Heartbeat } from './heartbeat';

/**
 * waiting -> connecting -> subscribing -> ready, back to waiting from any of them when the connection is
 * lost or cannot be made, and to closed from all.
 */
export const NODE_STATES = ['waiting', 'connecting', 'subscribing', 'ready', 'closed'] as const;
export type NodeState = (typeof NODE_STATES)[number];

const TRANSITIONS: Readonly<Record<NodeState, readonly NodeState[]>> = {
  waiting: ['connecting', 'closed'],
  connecting: ['subscribing', 'waiting', 'closed'],
  subscribing: ['ready', 'waiting', 'closed'],
  ready: ['waiting', 'closed'],
  closed: []
};

export type LossReason = 'disconnected' | 'node-silent';

/** What a node tells the coordinator, synchronously and in the order of the stream. */
export interface NodeEvents<S> {
  message(node: NodeSubscriber<S>, pattern: Buffer | undefined, channel: Buffer, payload: Buffer): void;
  /** Connected, before anything is subscribed. What it throws or rejects with is no reason to fail. */
  connected(node: NodeSubscriber<S>): Promise<void>;
  /** Everything wanted is confirmed; messages that came meanwhile follow after this call. */
  ready(node: NodeSubscriber<S>): void;
  lost(node: NodeSubscriber<S>, reason: LossReason, wasReady: boolean): void;
  /** After a reconnection the server no longer allows these. */
  refused(node: NodeSubscriber<S>, refusals: readonly Refusal<S>[]): void;
}

export interface Refusal<S> {
  readonly want: Want<S>;
  readonly error: KeyspaceRefusedError;
}

export interface NodeTimers {
  readonly heartbeatInterval: number;
  readonly heartbeatTimeout: number;
  now(): number;
  /** Milliseconds to wait before attempt n = 1, 2, … to connect again. */
  backoff(attempt: number): number;
}

export type Connect = (node: TopologyNode, handler: ConnectionHandler, signal: AbortSignal) => Promise<NodeConnection>;

/**
 * One connection to one node and what is subscribed on it. `wanted` is the truth: it is sent whenever a
 * connection is made, again and again until the node is closed. Promises that what `add` resolved for stays
 * subscribed or that `lost` or `refused` is told, and that `ready` is told before the first message of a new
 * connection.
 */
export class NodeSubscriber<S> {
  node: TopologyNode;
  /** When the present connection became ready (ms), 0 for never. */
  connectedAt = 0;
  received = 0;
  readonly #wanted = new Map<string, Want<S>>();
  readonly #active = new Set<Want<S>>();
  readonly #refused = new Map<Want<S>, KeyspaceRefusedError>();
  readonly #connect: Connect;
  readonly #events: NodeEvents<S>;
  readonly #timers: NodeTimers;
  readonly #heartbeat: Heartbeat;
  #state: NodeState = 'waiting';
  #connection: NodeConnection | undefined;
  #attempt: AbortController | undefined;
  #attempts = 0;
  #retry: NodeJS.Timeout | undefined;
  /** Messages that came before `ready` was told. */
  #early: [pattern: Buffer | undefined, channel: Buffer, payload: Buffer][] = [];
  #waiters: { resolve(): void; reject(error: Error): void }[] = [];
  lastError: Error | undefined;

  constructor(node: TopologyNode, connect: Connect, events: NodeEvents<S>, timers: NodeTimers) {
    this.node = node;
    this.#connect = connect;
    this.#events = events;
    this.#timers = timers;
    this.#heartbeat = new Heartbeat(timers, () => this.#connection!.ping(), () => this.#lose('node-silent', new Error(`${this.address} did not answer PING`)));
  }

  get address(): string {
    return this.node.address;
  }

  get state(): NodeState {
    return this.#state;
  }

  /** Nothing that the node said before this time (ms) is in doubt. */
  get heardUntil(): number {
    return this.#heartbeat.provenUntil;
  }

  get wanted(): Iterable<Want<S>> {
    return this.#wanted.values();
  }

  /** Everything wanted is confirmed or refused. */
  get isSettled(): boolean {
    return this.#state === 'ready' && this.#active.size + this.#refused.size >= this.#wanted.size;
  }

  wants(want: Want<S>): boolean {
    return this.#wanted.get(want.id) === want;
  }

  get refused(): ReadonlyMap<Want<S>, KeyspaceRefusedError> {
    return this.#refused;
  }

  isActive(want: Want<S>): boolean {
    return this.#active.has(want);
  }

  open(): void {
    void this.#open();
  }

  /**
   * Wants these too. Resolves when the server has confirmed, also after reconnections.
   * @throws {KeyspaceRefusedError} the first refusal; the refused are then not wanted any more.
   */
  async add(wants: readonly Want<S>[]): Promise<void> {
    for (const want of wants) this.#wanted.set(want.id, want);
    for (;;) {
      const connection = this.#connection;
      if (connection && (this.#state === 'ready' || this.#state === 'subscribing')) {
        const missing = wants.filter(want => !this.#active.has(want) && this.wants(want));
        if (await this.#subscribe(connection, missing)) break;
      } else {
        await this.whenReady();
      }
    }
    this.#throwRefusal(wants);
  }

  /** Does not want these any more. Resolves when the server has confirmed, or is not there to ask. */
  async drop(wants: readonly Want<S>[]): Promise<void> {
    for (const want of wants) {
      if (this.wants(want)) this.#wanted.delete(want.id);
      this.#refused.delete(want);
    }
    const active = wants.filter(want => this.#active.delete(want) && !this.#wanted.has(want.id));
    const connection = this.#connection;
    if (!connection || !active.length) return;
    // A lost connection has lost its subscriptions as well.
    await unsubscribeWants(connection, active).catch(() => undefined);
  }

  /** Resolves at once when ready; rejects when closed. */
  whenReady(): Promise<void> {
    if (this.#state === 'ready') return Promise.resolve();
    if (this.#state === 'closed') return Promise.reject(new KeyspaceClosedError(`the subscriber of ${this.address}`));
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
  }

  /** Resolves when everything said before the call has been handed on, also if that takes a reconnection. */
  async fence(): Promise<void> {
    for (;;) {
      await this.whenReady();
      const connection = this.#connection!;
      try {
        return await connection.ping();
      } catch (error) {
        // Lost: what was under way is in the gap that has been told. Ask the next connection.
        if (connection === this.#connection) throw error;
      }
    }
  }

  /** As `fence`, on the present connection only. @throws when there is none, or it is lost. */
  ping(): Promise<void> {
    return this.#connection?.ping() ?? Promise.reject(new Error(`${this.address} is not connected`));
  }

  /** @throws when there is no connection. */
  command<T>(args: readonly (string | Buffer)[]): Promise<T> {
    if (!this.#connection) return Promise.reject(new Error(`${this.address} is not connected`));
    return this.#connection.command<T>(args);
  }

  close(): void {
    if (this.#state === 'closed') return;
    this.#transition('closed');
    clearTimeout(this.#retry);
    this.#attempt?.abort();
    this.#disconnect();
    const error = new KeyspaceClosedError(`the subscriber of ${this.address}`);
    for (const { reject } of this.#waiters.splice(0)) reject(error);
  }

  async #open(): Promise<void> {
    if (this.#state !== 'waiting') return;
    this.#transition('connecting');
    const attempt = (this.#attempt = new AbortController());
    try {
      const connection = await this.#connect(this.node, this.#handlerOf(attempt), attempt.signal);
      if (attempt.signal.aborted) return connection.destroy();
      this.#connection = connection;
      this.#transition('subscribing');
      await this.#events.connected(this);
      // Lost or closed meanwhile: whoever did it has arranged what comes next.
      if (attempt.signal.aborted || !(await this.#sync(connection, attempt.signal))) return;
      this.#becomeReady();
    } catch (error) {
      if (!attempt.signal.aborted) this.#lose('disconnected', error as Error);
    }
  }

  /** Sends all that is wanted, and what comes to be wanted meanwhile. @returns false when overtaken. */
  async #sync(connection: NodeConnection, signal: AbortSignal): Promise<boolean> {
    const asked = new Set<Want<S>>();
    for (;;) {
      const missing = [...this.wanted].filter(want => !asked.has(want) && !this.#active.has(want));
      if (!missing.length) return true;
      for (const want of missing) asked.add(want);
      if (!(await this.#subscribe(connection, missing)) || signal.aborted) return false;
    }
  }

  #becomeReady(): void {
    this.#transition('ready');
    this.#attempts = 0;
    this.lastError = undefined;
    this.connectedAt = this.#timers.now();
    this.#heartbeat.start();
    this.#events.ready(this);
    if (this.#refused.size) this.#events.refused(this, [...this.#refused].map(([want, error]) => ({ want, error })));
    for (const message of this.#early.splice(0)) this.#events.message(this, ...message);
    for (const { resolve } of this.#waiters.splice(0)) resolve();
  }

  /** @returns false when the connection was lost before the server had answered. */
  async #subscribe(connection: NodeConnection, wants: readonly Want<S>[]): Promise<boolean> {
    try {
      const refusals = await subscribeWants(connection, wants, this.address);
      if (connection !== this.#connection) return false;
      for (const { want, error } of refusals) this.#refused.set(want, error);
      // What was dropped meanwhile has been unsubscribed, or will be: it is sent after this on the same connection.
      for (const want of wants) {
        if (refusals.some(refusal => refusal.want === want)) continue;
        this.#refused.delete(want);
        if (this.wants(want)) this.#active.add(want);
        else if (!this.#wanted.has(want.id)) await unsubscribeWants(connection, [want]);
      }
      return true;
    } catch (error) {
      if (connection === this.#connection) throw error;
      return false;
    }
  }

  #throwRefusal(wants: readonly Want<S>[]): void {
    const refused = wants.find(want => this.#refused.has(want));
    if (!refused) return;
    const error = this.#refused.get(refused)!;
    for (const want of wants) {
      if (this.#refused.delete(want) && this.wants(want)) this.#wanted.delete(want.id);
    }
    throw error;
  }

  #handlerOf(attempt: AbortController): ConnectionHandler {
    return {
      message: (pattern, channel, payload) => {
        this.received++;
        if (this.#state === 'ready') this.#events.message(this, pattern, channel, payload);
        else this.#early.push([pattern, channel, payload]);
      },
      closed: error => {
        if (!attempt.signal.aborted) this.#lose('disconnected', error);
      }
    };
  }

  #lose(reason: LossReason, error: Error): void {
    if (this.#state === 'waiting' || this.#state === 'closed') return;
    const wasReady = this.#state === 'ready';
    this.#attempt?.abort();
    this.lastError = error;
    this.#transition('waiting');
    this.#disconnect();
    this.#retry = setTimeout(() => void this.#open(), this.#timers.backoff(++this.#attempts));
    this.#events.lost(this, reason, wasReady);
  }

  #disconnect(): void {
    this.#heartbeat.stop();
    this.#connection?.destroy();
    this.#connection = undefined;
    this.#active.clear();
    this.#early = [];
  }

  #transition(next: NodeState): void {
    if (!TRANSITIONS[this.#state].includes(next)) throw new Error(`a node that is ${this.#state} cannot become ${next}`);
    this.#state = next;
  }
}
