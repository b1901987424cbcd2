import type { Topology } from '../plan/topology';
import type { Node } from './handover';
import type { LossReason } from './node-link';

/** Connected for the first time, again after it was lost, or a connected replica that is heard as a primary now. */
export type ReadyReason = 'connected' | 'reconnected' | 'promoted';
/** Its connection broke or went silent, it is a replica now, or it is not part of the cluster any more. */
export type LostReason = LossReason | 'demoted' | 'left';

export interface RollHost {
  /** The topology that holds at the moment of the call. */
  readonly topology: Topology | undefined;
  onReady(node: Node, reason: ReadyReason): void;
  onLost(node: Node, reason: LostReason): void;
}

/** Which nodes have been told as ready: each is told as lost before it is told as ready again, unless it is promoted. */
export class Roll {
  readonly #host: RollHost;
  /** In which role each has been told. */
  readonly #present = new Map<Node, 'primary' | 'replica'>();
  readonly #known = new WeakSet<Node>();

  constructor(host: RollHost) {
    this.#host = host;
  }

  ready(node: Node): void {
    const reason = this.#known.has(node) ? 'reconnected' : 'connected';
    this.#known.add(node);
    this.#present.set(node, node.node.role);
    this.#host.onReady(node, reason);
  }

  /** Tells those of them that were told as replicas and have confirmed what is wanted of a primary. */
  review(primaries: Iterable<Node>): void {
    for (const node of primaries) {
      if (this.#present.get(node) !== 'replica' || !node.isSettled) continue;
      this.#present.set(node, 'primary');
      this.#host.onReady(node, 'promoted');
    }
  }

  /** Its connection is gone: told if it had been ready. */
  lost(node: Node, reason: LossReason): void {
    if (this.#present.delete(node)) this.#host.onLost(node, this.#farewell(node) ?? reason);
  }

  /** It is closed for good, since the topology has changed. */
  closed(node: Node): void {
    if (!this.#present.delete(node)) return;
    // It may have changed back since it was let go.
    this.#host.onLost(node, this.#farewell(node) ?? (node.node.role === 'primary' ? 'demoted' : 'left'));
  }

  clear(): void {
    this.#present.clear();
  }

  #farewell({ node, address }: Node): LostReason | undefined {
    const now = this.#host.topology?.nodes.get(node.id);
    if (now?.address !== address) return 'left';
    return node.role === 'primary' && now.role === 'replica' ? 'demoted' : undefined;
  }
}
