import { setTimeout as delay } from 'node:timers/promises';
import { ErrorReply } from '../../upstream';
import type { RescanCall } from '../delivery/rescan-call';
import type { Subscription } from '../delivery/subscription';
import { KeyspaceClosedError, KeyspaceError, KeyspaceTimeoutError, messageOf } from '../errors';
import { ALL_SLOTS, type SlotRanges } from '../plan/slot-ranges';
import { ownerOf, type Topology, type TopologyNode } from '../plan/topology';
import { searchOf } from './key-search';
import { RoleTrail } from './role-trail';
import { scan, type ScanConnection, type ScanSettings, type ScanWatch } from './scanner';
import { SlotTrail } from './slot-trail';
import { watchRole, watchSlots } from './watches';

/** What a rescan needs of the client. */
export interface RescanHost {
  /** Who owns what now: looks anew. */
  look(): Promise<Topology | undefined>;
  /** Opens a connection of the rescan's own; gives up when the signal aborts. */
  open(node: TopologyNode, signal: AbortSignal): Promise<ScanConnection>;
  /** Of a Sentinel client: the server may be another one at the end. */
  readonly isMonitored: boolean;
  /** Milliseconds to go on without getting anywhere. */
  readonly timeout: number;
  now(): number;
}

/** Milliseconds between attempts while slots move or nodes do not answer. */
const PACE = 50;
/** What a server says that will soon say something else. */
const PASSING = /^(LOADING|CLUSTERDOWN|MASTERDOWN|BUSY|TRYAGAIN)\b/;

/** The keys as `subscription` tells them. See `KeyspaceSubscription.rescan`. */
export async function* rescan(
  subscription: Subscription,
  call: RescanCall,
  host: RescanHost
): AsyncGenerator<string | Buffer, void, void> {
  const { interest, bufferMode } = subscription.settings;
  const { abortSignal, count, slots } = call;
  const controller = new AbortController();
  const end = () => controller.abort(new KeyspaceClosedError('the subscription'));
  const abort = () => controller.abort(abortSignal!.reason);
  subscription.once('end', end);
  abortSignal?.addEventListener('abort', abort, { once: true });
  if (abortSignal?.aborted) abort();
  if (subscription.isEnded) end();
  const settings = { search: searchOf(interest), databases: interest.databases, count };
  const { length } = interest.prefix;
  try {
    for await (const key of new Rescan(host, slots, settings, controller.signal).keys())
      yield bufferMode ? key.subarray(length) : key.toString(undefined, length);
  } finally {
    subscription.off('end', end);
    abortSignal?.removeEventListener('abort', abort);
  }
}

/**
 * Visits node by node until every slot has been scanned while its keys could not have been elsewhere; a slot that
 * moved meanwhile is scanned anew where it is now.
 */
class Rescan {
  readonly #host: RescanHost;
  readonly #slots: SlotRanges;
  readonly #settings: ScanSettings;
  readonly #signal: AbortSignal;
  readonly #left = new Set<number>();
  /** What kept the last attempt from its end, by the address of the node. */
  #failures = new Map<string, unknown>();

  constructor(host: RescanHost, slots: SlotRanges, settings: ScanSettings, signal: AbortSignal) {
    this.#host = host;
    this.#slots = slots;
    this.#settings = settings;
    this.#signal = signal;
    for (const [from, to] of slots.length ? slots : ALL_SLOTS)
      for (let slot = from; slot <= to; slot++) this.#left.add(slot);
  }

  async *keys(): AsyncGenerator<Buffer, void, void> {
    let stuckSince: number | undefined;
    for (;;) {
      this.#signal.throwIfAborted();
      const topology = await this.#host.look();
      this.#signal.throwIfAborted();
      const before = this.#left.size;
      this.#failures = new Map();
      if (topology) yield* topology.sharded ? this.#scanCluster(topology) : this.#scanServer(topology);
      if (!this.#left.size) return;
      this.#signal.throwIfAborted();
      if (this.#left.size < before) stuckSince = undefined;
      else this.#refuseToWait((stuckSince ??= this.#host.now()));
      await delay(PACE, undefined, { signal: this.#signal }).catch(() => undefined);
    }
  }

  async *#scanCluster(topology: Topology): AsyncGenerator<Buffer, void, void> {
    for (const primary of topology.primaries) {
      const own = [...this.#left].filter(slot => ownerOf(topology, slot) === primary);
      if (!own.length) continue;
      const trail = new SlotTrail(own, false);
      const arrived: number[] = [];
      const followLeaving = () => {
        const { done, leaving } = trail.end();
        this.#finish(done);
        return leaving.size ? this.#scanTargets(topology, leaving, arrived) : undefined;
      };
      if (!(yield* this.#visit(primary, watchSlots(trail), followLeaving))) continue;
      // None of them has come back to its source.
      const { leaving } = trail.end();
      this.#finish(arrived.filter(slot => leaving.has(slot)));
    }
  }

  /** What is on its way to other nodes, when all that has not left yet has been told. */
  async *#scanTargets(
    topology: Topology,
    leaving: ReadonlyMap<number, string>,
    arrived: number[]
  ): AsyncGenerator<Buffer, void, void> {
    for (const id of new Set(leaving.values())) {
      const target = topology.nodes.get(id);
      if (!target) continue;
      const trail = new SlotTrail(
        [...leaving.keys()].filter(slot => leaving.get(slot) === id),
        true
      );
      if (yield* this.#visit(target, watchSlots(trail))) arrived.push(...trail.end().done);
    }
  }

  async *#scanServer({ primaries: [server] }: Topology): AsyncGenerator<Buffer, void, void> {
    const { isMonitored } = this.#host;
    const trail = new RoleTrail(this.#slots, isMonitored);
    if (!(yield* this.#visit(server, watchRole(trail))) || !trail.isSound) return;
    const now = isMonitored ? await this.#host.look() : undefined;
    if (!isMonitored || now?.primaries[0].address === server.address) this.#left.clear();
  }

  /**
   * @param more what is to be read then, before the node is looked at for the last time.
   * @returns whether the scan has come to its end.
   */
  async *#visit(
    node: TopologyNode,
    watch: ScanWatch,
    more?: () => AsyncIterable<Buffer> | undefined
  ): AsyncGenerator<Buffer, boolean, void> {
    // It may have been ended while another node was visited.
    this.#signal.throwIfAborted();
    let connection: ScanConnection | undefined;
    const close = () => connection?.close();
    this.#signal.addEventListener('abort', close, { once: true });
    try {
      connection = await this.#host.open(node, this.#signal);
      yield* scan(connection, watch, this.#settings);
      const rest = more?.();
      if (rest) {
        yield* rest;
        await watch.look(connection);
      }
      return true;
    } catch (error) {
      this.#failures.set(node.address, error);
      if (!(error instanceof ErrorReply) || PASSING.test(error.message)) return false;
      throw new KeyspaceError('KEYSPACE_RESCAN', `${node.address} refused to be scanned: ${messageOf(error)}`, {
        cause: error
      });
    } finally {
      this.#signal.removeEventListener('abort', close);
      close();
    }
  }

  #finish(slots: readonly number[]): void {
    for (const slot of slots) this.#left.delete(slot);
  }

  #refuseToWait(since: number): void {
    if (this.#host.now() - since < this.#host.timeout) return;
    const [cause] = this.#failures.values();
    throw new KeyspaceTimeoutError('the rescan', this.#host.timeout, [...this.#failures.keys()], { cause });
  }
}
