import { setTimeout as delay } from 'node:timers/promises';
import { KeyspaceClosedError, KeyspaceTimeoutError } from '../errors';
import { Dispatcher } from '../delivery/dispatcher';
import { GapLedger, type GapListener } from '../delivery/gap';
import type { KeyspaceCoverage, Subscription } from '../delivery/subscription';
import { Tally } from '../delivery/tally';
import { plan } from '../plan/planner';
import { PrimaryNames } from '../plan/primary-names';
import { Registry, type Want } from '../plan/registry';
import { isInterregnum, updateTopology, type Topology, type TopologyNode } from '../plan/topology';
import { parseNotification } from '../protocol/notification';
import { coverageOf } from './coverage';
import { GapKeeper } from './gap-keeper';
import { Handover, type Node } from './handover';
import type { Connect, NodeTimers } from './node-link';
import { NodeSet } from './node-set';
import type { NodeEvents } from './node-subscriber';
import { Roll, type LostReason, type ReadyReason } from './roll';
import { TopologyWatcher, type TopologySource } from './topology-watcher';
import { within } from './within';

/** What a client type brings along. */
export interface CoordinatorHost extends TopologySource {
  readonly connect: Connect;
  /** A node is connected and about to be subscribed: the time to look after its configuration. */
  onConnected(node: Node): Promise<void>;
  onReady(node: Node, reason: ReadyReason): void;
  onLost(node: Node, reason: LostReason): void;
  onTopology(topology: Topology, previous: Topology | undefined): void;
}

export interface CoordinatorOptions extends NodeTimers {
  readonly topologyRefreshInterval: number;
  readonly subscribeTimeout: number;
  /** Up to so many names are wanted at every primary of a cluster, be they about one key each. @default 1_000 */
  readonly fewNames?: number;
  /** Replicas are subscribed too. @default false */
  readonly standby?: boolean;
}

const FEW_NAMES = 1_000;

/** Milliseconds between looks at the topology while a gap is open. */
const HURRIED_INTERVAL = 100;
/** Milliseconds between attempts to subscribe while the cluster changes. */
const PACE = 20;
/** Milliseconds that slots may be without an owner before that is believed. */
const LONGEST_INTERREGNUM = 1_000;

/**
 * Where control and data meet: the plan made of topology and registry is carried out here and nowhere else,
 * and what the nodes say goes from here through handover to the dispatcher. Nothing is open and no timer
 * runs while nobody is subscribed.
 */
export class Coordinator {
  readonly registry = new Registry<Subscription>();
  readonly ledger = new GapLedger<GapListener>();
  readonly dispatcher = new Dispatcher(this.registry);
  /** All that stand or are being established. */
  readonly subscriptions = new Set<Subscription>();
  /** Those that `subscribe…` has resolved for. */
  readonly established = new Set<Subscription>();
  readonly handover: Handover;
  /** What became of all messages since the client was made. */
  readonly tally = new Tally();
  readonly #host: CoordinatorHost;
  readonly #options: CoordinatorOptions;
  readonly #watcher: TopologyWatcher;
  readonly #gaps: GapKeeper;
  readonly #nodes: NodeSet;
  readonly #roll: Roll;
  readonly #primaryNames = new PrimaryNames<Subscription>();
  #topology: Topology | undefined;
  /** Since when the successor of a demoted primary is looked for (ms). */
  #betweenSince: number | undefined;
  /** When the last look began that found the topology as it is (ms). */
  #verifiedAt = 0;
  #started = false;

  constructor(host: CoordinatorHost, observer: GapListener, options: CoordinatorOptions) {
    this.#host = host;
    this.#options = options;
    const { topologyRefreshInterval: interval, now } = options;
    this.#nodes = new NodeSet(this.#nodeSetHost(), options);
    this.#roll = new Roll(this.#rollHost());
    this.#watcher = new TopologyWatcher(
      host,
      () => new Map([...this.#nodes.replicas, ...this.nodes]),
      { interval, hurriedInterval: HURRIED_INTERVAL, now },
      (topology, askedAt) => this.#apply(topology, askedAt)
    );
    const { dispatcher } = this;
    this.handover = new Handover({
      get arrived() {
        return dispatcher.parsed;
      },
      standby: options.standby,
      nodes: this.nodes,
      deliver: message => dispatcher.dispatch(message),
      deliverPhantom: message => dispatcher.dispatchPhantom(message),
      refresh: node => this.#watcher.refresh(node.node.id),
      unproven: (primaryId, doubt) => this.#gaps.unproven(primaryId, doubt, this.#topology),
      blurred: (node, slots, since) => {
        this.#gaps.blurred(node, slots, since);
        // When the listeners have had their turn.
        return () => setImmediate(() => this.#gaps.review(this.#topology));
      }
    });
    this.#gaps = new GapKeeper(this.ledger, observer, {
      nodes: this.nodes,
      established: this.established,
      now,
      isPending: primaryId => this.handover.isPending(primaryId),
      onDoubt: doubt => this.#watcher.hurry(doubt)
    });
  }

  /** The primaries that are subscribed, by their ids. */
  get nodes(): ReadonlyMap<string, Node> {
    return this.#nodes.byId;
  }

  /** The replicas of a cluster, connected beforehand. */
  get replicas(): ReadonlyMap<string, Node> {
    return this.#nodes.replicas;
  }

  get topology(): Topology | undefined {
    return this.#topology;
  }

  /**
   * Resolves when every primary that owns slots has confirmed. Otherwise nothing stays subscribed.
   * @throws {KeyspaceTimeoutError} naming the nodes that did not; {KeyspaceRefusedError}.
   */
  async subscribe(subscription: Subscription): Promise<void> {
    const { names, abortSignal } = subscription.settings;
    const { wants } = this.registry.add(subscription, names);
    this.subscriptions.add(subscription);
    subscription.bind(names, wants);
    this.#start();
    try {
      await this.#within(this.#establish(subscription), 'subscribing', abortSignal);
    } catch (error) {
      this.#end(subscription);
      void this.#withdraw(subscription, subscription.wants);
      this.#stopIfIdle();
      throw error;
    }
  }

  /** Ends it, or only its part of `targets`. Resolves when the servers have confirmed. */
  async unsubscribe(subscription: Subscription, targets?: ReadonlySet<string>): Promise<void> {
    const wants = targets ? subscription.unbind(targets) : [...subscription.wants];
    if (![...subscription.wants].length || !targets) {
      this.#end(subscription);
    }
    const dropped = this.#withdraw(subscription, wants);
    if (this.registry.size) await dropped;
    this.#stopIfIdle();
  }

  /** See P6: the topology first, since a write may have been acknowledged by a primary that is new. */
  async fence(): Promise<void> {
    if (!this.#started) return;
    await this.#within(this.#fenceAll(), 'the fence');
  }

  coverage(subscription: Subscription): KeyspaceCoverage {
    return coverageOf(subscription, this.#topology, this.nodes);
  }

  refresh(): Promise<void> {
    return this.#watcher.refresh();
  }

  /** Everything ends; nothing is left. */
  close(): void {
    const subscriptions = [...this.subscriptions];
    for (const subscription of subscriptions) this.registry.remove(subscription, subscription.wants);
    this.#stopIfIdle();
    for (const subscription of subscriptions) this.#end(subscription);
  }

  #end(subscription: Subscription): void {
    this.subscriptions.delete(subscription);
    this.established.delete(subscription);
    this.#gaps.forget(subscription);
    subscription.end();
  }

  #start(): void {
    if (this.#started) return;
    this.#started = true;
    this.#watcher.start();
  }

  #stopIfIdle(): void {
    if (this.registry.size || !this.#started) return;
    this.#started = false;
    this.#watcher.stop();
    this.#betweenSince = undefined;
    this.#nodes.closeAll();
    this.#roll.clear();
    this.handover.clear();
    this.#gaps.clear();
    this.#topology = undefined;
  }

  async #establish(subscription: Subscription): Promise<void> {
    for (;;) {
      if (!this.#topology) await this.#watcher.refresh();
      const topology = this.#topology;
      if (topology) {
        this.#nodes.standBy(topology);
        await this.#confirmAll(topology, subscription);
      }
      // Unsubscribed, given up or closed meanwhile.
      if (subscription.isEnded) throw new KeyspaceClosedError('the client');
      if (topology && topology === this.#topology && this.coverage(subscription).complete) break;
      // The topology changed, a node was lost after it had confirmed, or nobody answers yet.
      await delay(PACE);
    }
    this.established.add(subscription);
  }

  async #confirmAll(topology: Topology, subscription: Subscription): Promise<void> {
    const planned = plan(topology, subscription.wants, this.#areFew());
    try {
      await Promise.all(topology.primaries.map(primary => this.#confirm(primary, planned.get(primary.id)!)));
    } catch (error) {
      // Closed because the topology changed: plan anew.
      if (!(error instanceof KeyspaceClosedError) || topology === this.#topology) throw error;
    }
  }

  async #confirm(primary: TopologyNode, wants: ReadonlySet<Want<Subscription>>): Promise<void> {
    const added = this.nodes.get(primary.id)!.add([...wants]);
    if (primary.slots.length) await added;
    // A primary without slots says nothing yet: it is not waited for.
    else added.catch(() => undefined);
  }

  #areFew(): boolean {
    return this.registry.size <= (this.#options.fewNames ?? FEW_NAMES);
  }

  #withdraw(subscription: Subscription, wants: Iterable<Want<Subscription>>): Promise<unknown> {
    const unwanted = this.registry.remove(subscription, [...wants]);
    return Promise.all([...this.nodes.values(), ...this.#nodes.replicas.values()].map(node => node.drop(unwanted)));
  }

  async #fenceAll(): Promise<void> {
    do await this.#watcher.refresh();
    while (this.#betweenSince !== undefined);
    const owners = [...this.nodes.values()].filter(node => node.node.slots.length);
    await Promise.all(owners.map(node => node.fence()));
    await this.handover.settled();
  }

  /** @throws {KeyspaceTimeoutError} after `subscribeTimeout`; the signal's reason when it aborts. */
  #within(work: Promise<void>, what: string, signal?: AbortSignal): Promise<void> {
    const { subscribeTimeout: timeout } = this.#options;
    const late = () => {
      const nodes = [...this.nodes.values()].filter(node => node.node.slots.length && !node.isSettled);
      const cause = nodes.find(node => node.lastError)?.lastError;
      return new KeyspaceTimeoutError(
        what,
        timeout,
        nodes.map(node => node.address),
        { cause }
      );
    };
    return within(work, timeout, late, signal);
  }

  #apply(seen: Topology | undefined, askedAt: number): void {
    if (seen && !this.#isBetween(seen, askedAt)) {
      const previous = this.#topology;
      const topology = updateTopology(previous, seen);
      if (topology !== previous) this.#change(previous, topology);
      this.#verifiedAt = askedAt;
    }
    this.#gaps.review(this.#topology);
  }

  /** The demoted primary is listened to until its successor is known (Redis 7.0 announces it late), but not for ever. */
  #isBetween(seen: Topology, askedAt: number): boolean {
    if (!isInterregnum(this.#topology, seen)) this.#betweenSince = undefined;
    else this.#betweenSince ??= askedAt;
    const isBetween = this.#betweenSince !== undefined && askedAt - this.#betweenSince < LONGEST_INTERREGNUM;
    if (isBetween) void delay(PACE, undefined, { ref: false }).then(() => this.#watcher.refresh());
    return isBetween;
  }

  #change(previous: Topology | undefined, topology: Topology): void {
    this.#topology = topology;
    this.handover.apply(topology);
    // Whoever is no primary any more is not among the nodes when they have followed.
    const heardUntil = new Map([...this.nodes].map(([id, node]) => [id, node.heardUntil]));
    const followed = this.#nodes.follow(topology);
    if (previous) this.#gaps.slotsMoved(previous, topology, { verifiedAt: this.#verifiedAt, heardUntil });
    void followed.then(() => {
      this.#gaps.review(this.#topology);
      this.#roll.review(this.nodes.values());
    });
    this.#host.onTopology(topology, previous);
  }

  #nodeSetHost() {
    return {
      connect: this.#host.connect,
      events: this.#nodeEvents(),
      registry: this.registry,
      areFew: () => this.#areFew(),
      primaryNames: () => {
        const interests = [...this.subscriptions].map(({ settings: { interest } }) => interest);
        return this.#primaryNames.of(interests.flatMap(({ databases }) => databases));
      },
      foretells: (node: Node) => this.handover.foretells(node),
      standby: this.#options.standby,
      topology: () => this.#topology,
      counts: (address: string) => this.tally.of(address),
      subscribed: (node: Node) => {
        this.handover.subscribed(node);
        this.#roll.review([node]);
      },
      lastWords: (node: Node) => this.handover.lastWords(node),
      closed: (node: Node) => {
        this.handover.forget(node);
        this.#roll.closed(node);
      }
    };
  }

  #rollHost() {
    const topology = () => this.#topology;
    return {
      get topology() {
        return topology();
      },
      onReady: (node: Node, reason: ReadyReason) => this.#host.onReady(node, reason),
      onLost: (node: Node, reason: LostReason) => this.#host.onLost(node, reason)
    };
  }

  /** A word that only primaries say, to nobody but us. */
  #isForetold(node: Node, pattern: Buffer | undefined, channel: Buffer, payload: Buffer): boolean {
    if (!this.#primaryNames.has(pattern, channel)) return false;
    const notification = parseNotification(channel, payload);
    if (notification) this.handover.foretell(node, { channel, notification, at: node.received });
    const { channels, patterns } = this.registry;
    const want = (pattern ? patterns : channels).get((pattern ?? channel).toString('latin1'));
    return !want || !node.isActive(want);
  }

  #nodeEvents(): NodeEvents<Subscription> {
    return {
      message: (node, pattern, channel, payload) => {
        if (this.#nodes.foretelling.has(node) && this.#isForetold(node, pattern, channel, payload)) return;
        const message = this.dispatcher.parse(node, pattern, channel, payload);
        if (message) this.handover.accept(node, message);
      },
      taken: (node, channel) => this.handover.taken(node, channel),
      look: node => this.handover.look(node),
      connected: async node => {
        await this.#host.onConnected(node);
        await this.handover.meet(node);
      },
      ready: node => {
        if (this.nodes.get(node.node.id) === node) {
          this.handover.subscribed(node);
          this.#gaps.review(this.#topology);
        } else if (this.#nodes.replicas.get(node.node.id) === node) this.handover.foretells(node);
        else return;
        this.#roll.ready(node);
      },
      lost: (node, reason, wasReady) => {
        // What has left it by its own words is not in doubt: whoever has got it speaks for it.
        const slots = this.handover.ownedOf(node, node.node.slots);
        const since = Math.min(node.heardUntil, this.handover.forget(node));
        const isReplica = this.#nodes.replicas.get(node.node.id) === node;
        if (wasReady && this.nodes.get(node.node.id) === node)
          this.#gaps.nodeLost(node, { reason, slots, since }, this.#topology);
        this.#roll.lost(node, reason);
        if (!isReplica) void this.#watcher.refresh();
      },
      refused: (node, refusals) => this.#gaps.refused(node, refusals, this.#topology),
      granted: node => {
        this.handover.granted(node);
        this.#gaps.review(this.#topology);
      }
    };
  }
}
