import type { NodeCounts } from '../delivery/tally';
import { KeyspaceClosedError } from '../errors';
import type { TopologyNode } from '../plan/topology';
import type { AnswerPlace, ConnectionHandler, NodeConnection } from './connection';
import { Heartbeat } from './heartbeat';
import { NODE_TRANSITIONS, type NodeState } from './node-state';

/** Why a connection is lost: it broke, or PING was not answered for `heartbeatTimeout`. */
export type LossReason = 'disconnected' | 'node-silent';

export interface NodeTimers {
  readonly heartbeatInterval: number;
  readonly heartbeatTimeout: number;
  now(): number;
  /** Milliseconds to wait before attempt n = 1, 2, … to connect again. */
  backoff(attempt: number): number;
}

export type Connect = (node: TopologyNode, handler: ConnectionHandler, signal: AbortSignal) => Promise<NodeConnection>;

/** Whose link it is: what it puts on each connection, and what it is told, synchronously and in stream order. */
export interface LinkOwner {
  /** The node as it is known now: an attempt to connect takes what it finds. */
  readonly node: TopologyNode;
  readonly counts: NodeCounts;
  /** Puts on a new connection what belongs there. @returns false when `signal` has aborted meanwhile. */
  prepare(connection: NodeConnection, signal: AbortSignal): Promise<boolean>;
  /** Prepared: messages that came meanwhile follow after this call. */
  ready(): void;
  message(pattern: Buffer | undefined, channel: Buffer, payload: Buffer): void;
  /** The server has taken a sharded channel away. */
  taken(channel: Buffer): void;
  /** What was put on the connection is gone with it; told before `lost`, and by `close()` as well. */
  disconnected(): void;
  lost(reason: LossReason, wasReady: boolean): void;
}

/**
 * The connection to one node, made again and again until it is closed, and watched by a heartbeat. Promises
 * that `ready` is told before the first message of a connection, and `lost` whenever one breaks or cannot be
 * made.
 */
export class NodeLink {
  /** When the present connection became ready (ms), 0 for never. */
  connectedAt = 0;
  /** What the last PING that was answered took (ms), of the heartbeat or a fence. */
  roundTrip: number | undefined;
  lastError: Error | undefined;
  readonly #owner: LinkOwner;
  readonly #connect: Connect;
  readonly #timers: NodeTimers;
  readonly #heartbeat: Heartbeat;
  #state: NodeState = 'waiting';
  #connection: NodeConnection | undefined;
  #attempt: AbortController | undefined;
  #attempts = 0;
  #retry: NodeJS.Timeout | undefined;
  /** What came before `ready` was told, from the first message on. */
  #early: (() => void)[] = [];
  #waiters: { resolve(): void; reject(error: Error): void }[] = [];

  constructor(owner: LinkOwner, connect: Connect, timers: NodeTimers) {
    this.#owner = owner;
    this.#connect = connect;
    this.#timers = timers;
    this.#heartbeat = new Heartbeat(
      timers,
      () => this.ping(),
      () => this.#lose('node-silent', new Error(`${owner.node.address} did not answer PING`)),
      () => owner.counts.received
    );
  }

  get state(): NodeState {
    return this.#state;
  }

  /** The present connection, in the states `subscribing` and `ready`. */
  get connection(): NodeConnection | undefined {
    return this.#connection;
  }

  /** Nothing that the node said before this time (ms) is in doubt. */
  get heardUntil(): number {
    return this.#heartbeat.provenUntil;
  }

  /** Resolves at once when ready; rejects when closed. */
  whenReady(): Promise<void> {
    if (this.#state === 'ready') return Promise.resolve();
    if (this.#state === 'closed') return Promise.reject(this.#closedError());
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
  }

  /** Resolves when everything that the server said before has been read. @throws when there is no connection. */
  async ping(): Promise<void> {
    if (!this.#connection) throw new Error(`${this.#owner.node.address} is not connected`);
    const since = performance.now();
    await this.#connection.ping();
    this.roundTrip = performance.now() - since;
  }

  /** As a command; its places are told in the order of the messages. @throws when there is no connection. */
  ask<T>(args: readonly (string | Buffer)[], place: AnswerPlace): Promise<T> {
    const ask = this.#connection?.ask?.bind(this.#connection);
    if (!ask) return Promise.reject(new Error(`${this.#owner.node.address} is not connected`));
    return ask<T>(args, {
      before: () => this.#inOrder(place.before),
      after: () => this.#inOrder(place.after)
    });
  }

  /** `onRefused` is called in the order of the messages. @throws what the server answers, or when not connected. */
  subscribeSharded(channel: string, onRefused: () => void): Promise<void> {
    const subscribe = this.#connection?.subscribeSharded?.bind(this.#connection);
    if (!subscribe) return Promise.reject(new Error(`${this.#owner.node.address} is not connected`));
    return subscribe(channel, () => this.#inOrder(onRefused));
  }

  /** Of the present connection: see `NodeConnection`. */
  sip(isSipping: boolean): void {
    this.#connection?.sip?.(isSipping);
  }

  async open(): Promise<void> {
    if (this.#state !== 'waiting') return;
    this.#transition('connecting');
    const attempt = (this.#attempt = new AbortController());
    // A stopped process still accepts connections, and never answers HELLO.
    const { heartbeatTimeout } = this.#timers;
    const late = () =>
      this.#lose('node-silent', new Error(`${this.#owner.node.address} did not answer in ${heartbeatTimeout} ms`));
    const timer = setTimeout(late, heartbeatTimeout).unref();
    try {
      const connection = await this.#connect(this.#owner.node, this.#handlerOf(attempt), attempt.signal).finally(() =>
        clearTimeout(timer)
      );
      if (attempt.signal.aborted) return connection.destroy();
      this.#connection = connection;
      this.#transition('subscribing');
      this.#heartbeat.start();
      // Lost or closed meanwhile: whoever did it has arranged what comes next.
      if (!(await this.#owner.prepare(connection, attempt.signal))) return;
      this.#becomeReady();
    } catch (error) {
      if (!attempt.signal.aborted) this.#lose('disconnected', error as Error);
    }
  }

  /** The connection is of no use: another is made. */
  giveUp(error: Error): void {
    this.#lose('disconnected', error);
  }

  close(): void {
    if (this.#state === 'closed') return;
    this.#transition('closed');
    clearTimeout(this.#retry);
    this.#attempt?.abort();
    this.#disconnect();
    for (const { reject } of this.#waiters.splice(0)) reject(this.#closedError());
  }

  #becomeReady(): void {
    this.#transition('ready');
    this.#attempts = 0;
    this.lastError = undefined;
    this.connectedAt = this.#timers.now();
    this.#heartbeat.proven();
    this.#owner.ready();
    for (const step of this.#early.splice(0)) step();
    for (const { resolve } of this.#waiters.splice(0)) resolve();
  }

  #handlerOf(attempt: AbortController): ConnectionHandler {
    const { counts } = this.#owner;
    return {
      message: (pattern, channel, payload) => {
        counts.received++;
        if (this.#state === 'ready') this.#owner.message(pattern, channel, payload);
        else this.#early.push(() => this.#owner.message(pattern, channel, payload));
      },
      taken: channel => this.#inOrder(() => this.#owner.taken(channel)),
      closed: error => {
        if (!attempt.signal.aborted) this.#lose('disconnected', error);
      }
    };
  }

  #inOrder(step: () => void): void {
    if (this.#early.length) this.#early.push(step);
    else step();
  }

  #lose(reason: LossReason, error: Error): void {
    if (this.#state === 'waiting' || this.#state === 'closed') return;
    const wasReady = this.#state === 'ready';
    this.#attempt?.abort();
    this.lastError = error;
    this.#transition('waiting');
    this.#disconnect();
    this.#retry = setTimeout(() => void this.open(), this.#timers.backoff(++this.#attempts));
    this.#owner.lost(reason, wasReady);
  }

  #disconnect(): void {
    this.#heartbeat.stop();
    this.#connection?.destroy();
    this.#connection = undefined;
    this.#early = [];
    this.#owner.disconnected();
  }

  #closedError(): KeyspaceClosedError {
    return new KeyspaceClosedError(`the subscriber of ${this.#owner.node.address}`);
  }

  #transition(next: NodeState): void {
    if (!NODE_TRANSITIONS[this.#state].includes(next)) {
      throw new Error(`a node that is ${this.#state} cannot become ${next}`);
    }
    this.#state = next;
  }
}
