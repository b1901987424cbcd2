/** What became of the messages of one node: counted up where it happens, and never down. */
export interface NodeCounts {
  /** Messages that it sent. */
  received: number;
  /** Notifications that were handed to subscriptions: one that concerns two counts twice. */
  delivered: number;
  /** Messages that it was not to be believed for. */
  hidden: number;
  /** Notifications that full queues gave up. */
  dropped: number;
}

/** Nodes that are remembered, those that have left included: as many as a cluster can have primaries. */
const MOST_NODES = 16_384;

export function makeCounts(): NodeCounts {
  return { received: 0, delivered: 0, hidden: 0, dropped: 0 };
}

/**
 * The counts of all nodes by their addresses. A node that leaves and comes back, or changes its role, goes on where
 * it was. Of more nodes than a cluster can have the oldest are kept as one sum, so that memory is bounded.
 */
export class Tally {
  readonly #byAddress = new Map<string, NodeCounts>();
  readonly #others = makeCounts();
  readonly #limit: number;

  constructor(limit = MOST_NODES) {
    this.#limit = limit;
  }

  get byAddress(): ReadonlyMap<string, Readonly<NodeCounts>> {
    return this.#byAddress;
  }

  /** To be counted up by whoever asks. */
  of(address: string): NodeCounts {
    const counts = this.#byAddress.get(address) ?? makeCounts();
    // The last that was asked for is the last to go.
    this.#byAddress.delete(address);
    this.#byAddress.set(address, counts);
    if (this.#byAddress.size > this.#limit) this.#forgetOldest();
    return counts;
  }

  /** Of all nodes that there ever were. */
  total(): NodeCounts {
    const sum = { ...this.#others };
    for (const counts of this.#byAddress.values()) add(sum, counts);
    return sum;
  }

  #forgetOldest(): void {
    const [[address, counts]] = this.#byAddress;
    this.#byAddress.delete(address);
    add(this.#others, counts);
  }
}

function add(sum: NodeCounts, counts: Readonly<NodeCounts>): void {
  sum.received += counts.received;
  sum.delivered += counts.delivered;
  sum.hidden += counts.hidden;
  sum.dropped += counts.dropped;
}
