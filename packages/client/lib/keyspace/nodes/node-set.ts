import type { Subscription } from '../delivery/subscription';
import type { NodeCounts } from '../delivery/tally';
import { plan } from '../plan/planner';
import type { Registry, Want } from '../plan/registry';
import type { Topology, TopologyNode } from '../plan/topology';
import type { Node } from './handover';
import type { Connect, NodeTimers } from './node-link';
import { NodeSubscriber, type NodeEvents } from './node-subscriber';

export interface NodeSetHost {
  readonly connect: Connect;
  readonly events: NodeEvents<Subscription>;
  readonly registry: Registry<Subscription>;
  /** Replicas are subscribed as their primaries are. */
  readonly standby?: boolean;
  /** What only primaries say: subscribed at the replicas that do not stand by. */
  primaryNames(): ReadonlySet<Want<Subscription>>;
  /** All of that is confirmed at this replica. */
  foretells(node: Node): void;
  /** So few names that each may be wanted at every primary. */
  areFew(): boolean;
  /** The topology that holds at the moment of the call. */
  topology(): Topology | undefined;
  /** Where what is said by the node at this address is counted. */
  counts(address: string): NodeCounts;
  /** All that is wanted of a node that was connected before is confirmed. */
  subscribed(node: Node): void;
  /** Resolves when nothing more that a demoted or removed node says can matter. */
  lastWords(node: Node): Promise<void>;
  /** A node is closed for good. */
  closed(node: Node): void;
}

/**
 * The primaries that are subscribed, by their ids, and of a cluster the replicas too, on which nothing is
 * subscribed until they are promoted: opened, told what to subscribe and let go as the plan says.
 * New before old: what is not wanted of a node any more is dropped when all that is new has been confirmed.
 */
export class NodeSet {
  readonly byId = new Map<string, Node>();
  /** Connected beforehand: a promotion shows itself there first, and its first writes come soon after. */
  readonly replicas = new Map<string, Node>();
  /** Those on which is subscribed what only primaries say. */
  readonly foretelling = new Set<Node>();
  /** Demoted or removed nodes whose last words are being read. */
  readonly #retiring = new Set<Node>();
  readonly #host: NodeSetHost;
  readonly #timers: NodeTimers;

  constructor(host: NodeSetHost, timers: NodeTimers) {
    this.#host = host;
    this.#timers = timers;
  }

  /** Makes the nodes follow a new topology. Resolves when all that is new has been confirmed or has failed. */
  async follow(topology: Topology): Promise<void> {
    this.#retire(topology);
    const planned = plan(topology, this.#host.registry, this.#host.areFew());
    const surplus: (() => void)[] = [];
    const confirmed: Promise<unknown>[] = [];
    for (const primary of topology.primaries) {
      const node = this.#nodeOf(primary);
      const wants = planned.get(primary.id)!;
      const unwanted = [...node.wanted].filter(want => !wants.has(want));
      const missing = [...wants].filter(want => !node.wants(want));
      // The new primary is asked how far it is, and then need not foretell any more.
      const added = () => {
        this.#host.subscribed(node);
        this.#endForetelling(node);
      };
      if (missing.length) confirmed.push(node.add(missing).then(added, () => this.#endForetelling(node)));
      // Otherwise it is on its way: asked before that is confirmed, it would be asked too early.
      else if ([...wants].every(want => node.isActive(want) || node.refused.has(want))) added();
      if (unwanted.length) surplus.push(() => void this.#dropUnplanned(node, unwanted));
    }
    this.#followReplicas(topology);
    this.standBy(topology);
    await Promise.all(confirmed);
    for (const drop of surplus) drop();
  }

  closeAll(): void {
    for (const node of [...this.byId.values(), ...this.replicas.values(), ...this.#retiring]) node.close();
    this.byId.clear();
    this.replicas.clear();
    this.#retiring.clear();
    this.foretelling.clear();
  }

  #endForetelling(node: Node): void {
    if (!this.foretelling.has(node)) return;
    const names = [...this.#host.primaryNames()];
    void this.#dropUnplanned(node, names).then(() => this.foretelling.delete(node));
  }

  /** The plan may have changed back meanwhile. */
  async #dropUnplanned(node: Node, wants: readonly Want<Subscription>[]): Promise<void> {
    const topology = this.#host.topology();
    if (!topology) return;
    const known = wants.filter(({ subscribers }) => subscribers.length);
    const planned = plan(topology, known, this.#host.areFew()).get(node.node.id);
    await node.drop(wants.filter(want => !planned?.has(want)));
  }

  #nodeOf(primary: TopologyNode): Node {
    const existing = this.byId.get(primary.id);
    if (existing) {
      existing.node = primary;
      return existing;
    }
    const promoted = this.replicas.get(primary.id);
    this.replicas.delete(primary.id);
    const isThere = promoted?.address === primary.address;
    if (promoted && !isThere) this.#close(promoted);
    const node = promoted && isThere ? promoted : this.#open(primary);
    node.node = primary;
    this.byId.set(primary.id, node);
    return node;
  }

  /** Subscribes the replicas as well, without waiting for them: to all, or to what only primaries say. */
  standBy(topology: Topology): void {
    const planned = this.#host.standby && plan(topology, this.#host.registry, this.#host.areFew());
    const names = this.#host.primaryNames();
    for (const node of this.replicas.values()) {
      const wants = planned ? (planned.get(node.node.primaryId ?? '') ?? new Set()) : names;
      const unwanted = [...node.wanted].filter(want => !wants.has(want));
      const missing = [...wants].filter(want => !node.wants(want));
      if (!planned) this.foretelling.add(node);
      if (missing.length) {
        void node.add(missing).then(
          () => this.#host.foretells(node),
          () => undefined
        );
      }
      if (unwanted.length) void node.drop(unwanted);
    }
  }

  #followReplicas(topology: Topology): void {
    for (const [id, node] of this.replicas) {
      const now = topology.nodes.get(id);
      if (now?.role === 'replica' && now.address === node.address) continue;
      this.replicas.delete(id);
      this.#close(node);
    }
    if (!topology.sharded) return;
    for (const now of topology.nodes.values()) {
      if (now.role !== 'replica') continue;
      const node = this.replicas.get(now.id);
      if (node) node.node = now;
      else this.replicas.set(now.id, this.#open(now));
    }
  }

  #open(node: TopologyNode): Node {
    const { connect, events, counts } = this.#host;
    const opened = new NodeSubscriber<Subscription>(node, connect, events, this.#timers, counts(node.address));
    opened.open();
    return opened;
  }

  #close(node: Node): void {
    this.foretelling.delete(node);
    node.close();
    this.#host.closed(node);
  }

  /** Nodes that are no primaries any more, or have moved, are closed when their last words have been read. */
  #retire(topology: Topology): void {
    for (const [id, node] of this.byId) {
      const now = topology.nodes.get(id);
      if (now?.role === 'primary' && now.address === node.address) continue;
      this.byId.delete(id);
      this.#retiring.add(node);
      const close = () => {
        clearTimeout(timer);
        this.#close(node);
        this.#retiring.delete(node);
      };
      const timer = setTimeout(close, this.#timers.heartbeatTimeout).unref();
      if (node.state === 'ready') void this.#host.lastWords(node).then(close, close);
      else close();
    }
  }
}
