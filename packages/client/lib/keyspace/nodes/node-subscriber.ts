import { makeCounts, type NodeCounts } from '../delivery/tally';
import type { KeyspaceRefusedError } from '../errors';
import type { Want } from '../plan/registry';
import type { TopologyNode } from '../plan/topology';
import type { AnswerPlace, NodeConnection } from './connection';
import { NodeLink, type Connect, type LossReason, type NodeTimers } from './node-link';
import type { NodeState } from './node-state';
import { subscribeWants, unsubscribeWants } from './subscribe-wants';

/** What a node tells the coordinator, synchronously and in the order of the stream. */
export interface NodeEvents<S> {
  message(node: NodeSubscriber<S>, pattern: Buffer | undefined, channel: Buffer, payload: Buffer): void;
  /** The server has taken a sharded channel away. */
  taken(node: NodeSubscriber<S>, channel: Buffer): void;
  /** What the node says of the cluster. */
  look(node: NodeSubscriber<S>): Promise<string>;
  /** Connected, before anything is subscribed. What it rejects with ends the connection. */
  connected(node: NodeSubscriber<S>): Promise<void>;
  /** Everything wanted is confirmed; messages that came meanwhile follow after this call. */
  ready(node: NodeSubscriber<S>): void;
  lost(node: NodeSubscriber<S>, reason: LossReason, wasReady: boolean): void;
  /** After a reconnection the server no longer allows these. They are asked for again and again. */
  refused(node: NodeSubscriber<S>, refusals: readonly Refusal<S>[]): void;
  /** The server allows again what it had refused. */
  granted(node: NodeSubscriber<S>): void;
}

export interface Refusal<S> {
  readonly want: Want<S>;
  readonly error: KeyspaceRefusedError;
}

/** Milliseconds until what a server has refused is asked for again. */
const PATIENCE = 500;

/**
 * One connection to one node and what is subscribed on it. `wanted` is the truth: it is sent whenever a
 * connection is made, again and again until the node is closed. Promises that what `add` resolved for stays
 * subscribed or that `lost` or `refused` is told, and that `ready` is told before the first message of a new
 * connection.
 */
export class NodeSubscriber<S> {
  node: TopologyNode;
  readonly counts: NodeCounts;
  readonly #wanted = new Map<string, Want<S>>();
  /** What is confirmed, and how much the node had said by then. */
  readonly #active = new Map<Want<S>, number>();
  readonly #refused = new Map<Want<S>, KeyspaceRefusedError>();
  /** Of the active those in whose place another of the same name is wanted. */
  readonly #replaced = new Set<Want<S>>();
  readonly #events: NodeEvents<S>;
  readonly #link: NodeLink;
  #again: NodeJS.Timeout | undefined;

  /** @param counts what it says is counted there, also by those who handle it further on. */
  constructor(
    node: TopologyNode,
    connect: Connect,
    events: NodeEvents<S>,
    timers: NodeTimers,
    counts: NodeCounts = makeCounts()
  ) {
    this.node = node;
    this.counts = counts;
    this.#events = events;
    this.#link = new NodeLink(this.#linkOwner(), connect, timers);
  }

  get address(): string {
    return this.node.address;
  }

  get state(): NodeState {
    return this.#link.state;
  }

  get lastError(): Error | undefined {
    return this.#link.lastError;
  }

  get received(): number {
    return this.counts.received;
  }

  /** When the present connection became ready (ms), or the one before it; 0 for never. */
  get connectedAt(): number {
    return this.#link.connectedAt;
  }

  /** What the last PING that was answered took (ms). */
  get roundTrip(): number | undefined {
    return this.#link.roundTrip;
  }

  /** Nothing that the node said before this time (ms) is in doubt. */
  get heardUntil(): number {
    return this.#link.heardUntil;
  }

  get wanted(): Iterable<Want<S>> {
    return this.#wanted.values();
  }

  /** Everything wanted is confirmed or refused. */
  get isSettled(): boolean {
    const active = this.#active.size - this.#replaced.size;
    return this.state === 'ready' && active + this.#refused.size >= this.#wanted.size;
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

  /** How much the node had said when this was confirmed; Infinity when it is not. */
  activeSince(want: Want<S>): number {
    return this.#active.get(want) ?? Infinity;
  }

  open(): void {
    void this.#link.open();
  }

  /**
   * Wants these too. Resolves when the server has confirmed, also after reconnections.
   * @throws {KeyspaceRefusedError} the first refusal; the refused are then not wanted any more.
   */
  async add(wants: readonly Want<S>[]): Promise<void> {
    for (const want of wants) {
      if (this.#active.has(want)) continue;
      const former = this.#wanted.get(want.id);
      if (former && former !== want && this.#active.has(former)) this.#replaced.add(former);
      this.#wanted.set(want.id, want);
    }
    for (;;) {
      // A connection that is being prepared has questions to answer before anything may be said on it.
      if (this.state !== 'ready') await this.#link.whenReady();
      const { connection } = this.#link;
      const missing = wants.filter(want => !this.#active.has(want) && this.wants(want));
      if (connection && (await this.#subscribe(connection, missing))) break;
    }
    this.#throwRefusal(wants);
  }

  /** Does not want these any more. Resolves when the server has confirmed, or is not there to ask. */
  async drop(wants: readonly Want<S>[]): Promise<void> {
    for (const want of wants) {
      if (this.wants(want)) this.#wanted.delete(want.id);
      this.#refused.delete(want);
      this.#replaced.delete(want);
    }
    const active = wants.filter(want => this.#active.delete(want) && !this.#wanted.has(want.id));
    const { connection } = this.#link;
    if (!connection || !active.length) return;
    // A lost connection has lost its subscriptions as well.
    await unsubscribeWants(connection, active).catch(() => undefined);
  }

  /** Resolves when everything said before the call has been handed on, also if that takes a reconnection. */
  async fence(): Promise<void> {
    for (;;) {
      await this.#link.whenReady();
      const { connection } = this.#link;
      try {
        return await this.#link.ping();
      } catch (error) {
        // Lost: what was under way is in the gap that has been told. Ask the next connection.
        if (connection && connection === this.#link.connection) throw error;
      }
    }
  }

  /** As `fence`, on the present connection only. @throws when there is none, or it is lost. */
  ping(): Promise<void> {
    return this.#link.ping();
  }

  /** @throws when there is no connection. */
  command<T>(args: readonly (string | Buffer)[]): Promise<T> {
    const { connection } = this.#link;
    if (!connection) return Promise.reject(new Error(`${this.address} is not connected`));
    return connection.command<T>(args);
  }

  /** As `command`, and tells where among the messages the answer stands. */
  ask<T>(args: readonly (string | Buffer)[], place: AnswerPlace): Promise<T> {
    return this.#link.ask<T>(args, place);
  }

  /** `onRefused` is called in the order of the messages. @throws what the server answers, or when not connected. */
  subscribeSharded(channel: string, onRefused: () => void): Promise<void> {
    return this.#link.subscribeSharded(channel, onRefused);
  }

  /** Whether what is asked must soon be sent, however much the node says. */
  sip(isSipping: boolean): void {
    this.#link.sip(isSipping);
  }

  /** The connection is of no use: it is lost, and another is made. */
  giveUp(error: Error): void {
    this.#link.giveUp(error);
  }

  /** What it says of the cluster: its answer to CLUSTER NODES. */
  look(): Promise<string> {
    return this.#events.look(this);
  }

  close(): void {
    this.#link.close();
  }

  #linkOwner() {
    const node = () => this.node;
    return {
      get node() {
        return node();
      },
      counts: this.counts,
      prepare: async (connection: NodeConnection, signal: AbortSignal) => {
        await this.#events.connected(this);
        return !signal.aborted && (await this.#sync(connection, signal));
      },
      ready: () => {
        this.#events.ready(this);
        if (!this.#refused.size) return;
        const refusals = [...this.#refused].map(([want, error]) => ({ want, error }));
        this.#events.refused(this, refusals);
        this.#askLater();
      },
      message: (pattern: Buffer | undefined, channel: Buffer, payload: Buffer) =>
        this.#events.message(this, pattern, channel, payload),
      taken: (channel: Buffer) => this.#events.taken(this, channel),
      disconnected: () => {
        clearTimeout(this.#again);
        this.#active.clear();
        this.#replaced.clear();
      },
      lost: (reason: LossReason, wasReady: boolean) => this.#events.lost(this, reason, wasReady)
    };
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

  #askLater(): void {
    this.#again = setTimeout(() => void this.#askAgain().catch(() => undefined), PATIENCE).unref();
  }

  /** One of the refused is tried, and when that is allowed all. */
  async #askAgain(): Promise<void> {
    const { connection } = this.#link;
    const refused = [...this.#refused.keys()];
    if (!connection || !refused.length) return;
    for (const wants of [refused.slice(0, 1), refused.slice(1)]) {
      if (!(await this.#subscribe(connection, wants))) return;
      if (wants.some(want => this.#refused.has(want))) return this.#askLater();
    }
    this.#events.granted(this);
  }

  /** @returns false when the connection was lost before the server had answered. */
  async #subscribe(connection: NodeConnection, wants: readonly Want<S>[]): Promise<boolean> {
    try {
      const refusals = await subscribeWants(connection, wants, this.address, want => {
        // In the order of the stream: what is said right behind it may come by several names, and only one is to speak.
        if (connection === this.#link.connection && this.wants(want)) this.#active.set(want, this.received);
      });
      if (connection !== this.#link.connection) return false;
      this.#note(wants, refusals);
      // What was dropped before it was confirmed has not been unsubscribed yet.
      const unwanted = wants.filter(want => !this.#active.has(want) && !this.#wanted.has(want.id));
      if (unwanted.length) await unsubscribeWants(connection, unwanted);
      return true;
    } catch (error) {
      if (connection === this.#link.connection) throw error;
      return false;
    }
  }

  #note(wants: readonly Want<S>[], refusals: readonly Refusal<S>[]): void {
    const refused = new Map(refusals.map(({ want, error }) => [want, error]));
    for (const want of wants) {
      // What is active is wanted, and was noted in the order of the stream.
      if (this.#active.has(want) && !this.#refused.size) continue;
      this.#refused.delete(want);
      if (!this.wants(want)) continue;
      const error = refused.get(want);
      if (error) this.#refused.set(want, error);
      else this.#active.set(want, this.received);
    }
  }

  #throwRefusal(wants: readonly Want<S>[]): void {
    if (!this.#refused.size) return;
    const refused = wants.find(want => this.#refused.has(want));
    if (!refused) return;
    const error = this.#refused.get(refused)!;
    for (const want of wants) {
      if (this.#refused.delete(want) && this.wants(want)) this.#wanted.delete(want.id);
    }
    throw error;
  }
}
