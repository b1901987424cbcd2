import calculateSlot from 'cluster-key-slot';
import type { Message } from '../delivery/dispatcher';
import type { Subscription } from '../delivery/subscription';
import { ownerOf, type Topology } from '../plan/topology';
import { isCarried } from './carried-key';
import { MovedKeys } from './moved-keys';
import type { NodeSubscriber } from './node-subscriber';

export type Node = NodeSubscriber<Subscription>;

/** What the handover asks of the coordinator. */
export interface HandoverHost {
  deliver(message: Message): void;
  /** The move of a key shows itself: only for those who asked for it. */
  deliverPhantom(message: Message): void;
  /** Resolves when the topology has been looked at anew, this node's own view included. */
  refresh(node: Node): Promise<void>;
  /** All nodes that are connected, by their ids. */
  readonly nodes: ReadonlyMap<string, Node>;
}

/** What a node said of slots that are not known to be its own, until a look has decided. */
interface Dispute {
  readonly messages: readonly Message[];
  /** What came while the look was under way: for the next one. */
  readonly later: Message[];
  readonly slots: Set<number>;
  readonly decided: Promise<void>;
}

/**
 * Is this node the one to speak for this slot now? A node is believed for a slot that it owns, and for one
 * that it imports by the classic way, since ASK-redirected writes are real; a node that lost a slot is
 * believed until all that it said before has been read. Whatever else a node says waits until the topology
 * has been looked at anew, and is dropped if that does not make it the owner: so does an atomic import, which
 * repeats the whole data set before it owns the slot (Redis 8.4+, Valkey 9).
 * Outside a cluster there is no question, and nothing is asked.
 */
export class Handover {
  readonly #host: HandoverHost;
  readonly #moved: MovedKeys<Node>;
  readonly #waiting = new Map<Node, Dispute>();
  /** Slots that a node has lost, whose last words are still to be read. */
  readonly #leaving = new Map<Node, Set<number>>();
  #topology: Topology | undefined;
  /** What was not handed on: phantoms, imports, echoes of demoted nodes. */
  hidden = 0;

  constructor(host: HandoverHost) {
    this.#host = host;
    this.#moved = new MovedKeys({
      deliver: (node, message, owned) => this.#judge(node, message, owned),
      hide: message => {
        this.hidden++;
        host.deliverPhantom(message);
      },
      fence: () => this.#fence(),
      isCarried: (node, message) => this.#isCarried(node, message)
    });
  }

  /** The steady state costs the slot of the key and one look-up. */
  accept(node: Node, message: Message): void {
    const topology = this.#topology;
    if (!topology?.sharded) {
      this.#host.deliver(message);
      return;
    }
    const slot = slotOf(message);
    const owned = ownerOf(topology, slot)?.id === node.node.id || this.#leaving.get(node)?.has(slot) === true;
    if (topology.primaries.length > 1 && this.#moved.take(node, message, owned)) return;
    this.#pass(node, message, slot, owned);
  }

  /** A new topology: nodes that lost slots stay believed until a fence has passed. */
  apply(topology: Topology | undefined): void {
    const previous = this.#topology;
    this.#topology = topology;
    if (!topology?.sharded || !previous) return;
    for (const node of this.#host.nodes.values()) {
      const before = previous.primaries.findIndex(primary => primary.id === node.node.id);
      if (before === -1) continue;
      const after = topology.primaries.findIndex(primary => primary.id === node.node.id);
      const lost = new Set<number>();
      previous.owners.forEach((owner, slot) => {
        if (owner === before && topology.owners[slot] !== after) lost.add(slot);
      });
      if (lost.size) this.#letGo(node, lost);
    }
  }

  /** Resolves when what waits now does not wait any more. */
  async settled(): Promise<void> {
    await this.#decided();
    await this.#moved.settled();
    await this.#decided();
  }

  /** The node is gone: what it said and nobody could confirm is forgotten. */
  forget(node: Node): void {
    this.#waiting.delete(node);
    this.#leaving.delete(node);
  }

  clear(): void {
    this.#topology = undefined;
    this.#waiting.clear();
    this.#leaving.clear();
    this.#moved.clear();
  }

  /** Twice, since what came while a look was under way is decided by the next one. */
  async #decided(): Promise<void> {
    for (let look = 0; look < 2; look++) {
      await Promise.all([...this.#waiting.values()].map(({ decided }) => decided));
    }
  }

  /** It has waited: who was the owner may not be it any more, and who was not may be it now. */
  #judge(node: Node, message: Message, owned: boolean): void {
    const slot = slotOf(message);
    const topology = this.#topology;
    if (!topology) this.#host.deliver(message);
    else this.#pass(node, message, slot, owned || ownerOf(topology, slot)?.id === node.node.id);
  }

  #pass(node: Node, message: Message, slot: number, owned: boolean): void {
    const dispute = this.#waiting.size ? this.#waiting.get(node) : undefined;
    // Also when the node has become the owner meanwhile: what it said before comes first.
    if (dispute && (!owned || dispute.slots.has(slot))) {
      dispute.later.push(message);
      dispute.slots.add(slot);
    } else if (owned) this.#host.deliver(message);
    else this.#open(node, [message]);
  }

  #letGo(node: Node, slots: Set<number>): void {
    const leaving = this.#leaving.get(node);
    if (leaving) for (const slot of slots) leaving.add(slot);
    else this.#leaving.set(node, slots);
    const done = () => {
      const set = this.#leaving.get(node);
      if (!set) return;
      for (const slot of slots) set.delete(slot);
      if (!set.size) this.#leaving.delete(node);
    };
    void node.fence().then(done, done);
  }

  #open(node: Node, messages: readonly Message[]): void {
    const dispute: Dispute = {
      messages,
      later: [],
      slots: new Set(messages.map(slotOf)),
      decided: this.#host.refresh(node).then(() => this.#decide(node, dispute))
    };
    this.#waiting.set(node, dispute);
  }

  /** The look that has ended began after `messages`, but may have read what was before `later`. */
  #decide(node: Node, dispute: Dispute): void {
    // Forgotten meanwhile.
    if (this.#waiting.get(node) !== dispute) return;
    this.#waiting.delete(node);
    const undecided: Message[] = [];
    const believed: Message[] = [];
    for (const message of dispute.messages) {
      if (this.#isBelieved(node, slotOf(message))) believed.push(message);
      else this.hidden++;
    }
    for (const message of dispute.later) (this.#isBelieved(node, slotOf(message)) ? believed : undecided).push(message);
    if (undecided.length) this.#open(node, undecided);
    for (const message of believed) this.#host.deliver(message);
  }

  #isBelieved(node: Node, slot: number): boolean {
    const topology = this.#topology;
    if (!topology) return false;
    const { id } = node.node;
    return ownerOf(topology, slot)?.id === id || topology.nodes.get(id)?.importing.has(slot) === true;
  }

  /** An exact key is subscribed at its owner only: of a move that nobody has seen yet no `restore` is heard. */
  async #isCarried(node: Node, { want, notification }: Message): Promise<boolean> {
    if (want.slot === undefined) return false;
    const { source, keyStart, keyEnd, database } = notification;
    const byAddress = (address: string) => [...this.#host.nodes.values()].find(other => other.address === address);
    const find = async (address: string) => {
      if (!byAddress(address)) await this.#host.refresh(node);
      return byAddress(address);
    };
    return isCarried(node, find, source.subarray(keyStart, keyEnd), database);
  }

  async #fence(): Promise<void> {
    const ready = [...this.#host.nodes.values()].filter(node => node.state === 'ready');
    await Promise.all(ready.map(node => node.ping().catch(() => undefined)));
  }
}

function slotOf({ notification: { source, keyStart, keyEnd } }: Message): number {
  return calculateSlot(source.subarray(keyStart, keyEnd));
}
