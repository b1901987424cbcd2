import { TestKitUsageError, quote } from '../errors';
import type { ServerBinary } from '../servers/server-binary';
import type { WaitOptions } from '../wait';
import { beginAtomicMove, cancelAtomicMove, waitForAtomicMove, type AtomicMove } from './atomic-move';
import type { ClusterNode } from './cluster-node';
import type { NodeView } from './cluster-view';
import { addPrimary, addReplica, failover, removeNode, reparentReplica, waitForPromotion } from './membership';
import { keyInSlot, slotOf } from './slot-key';
import { abandonSlotMove, beginSlotMove, finishSlotMove, migrateKeys, returnSlotMove, takeSlots } from './slot-move';
import { expandSlots, type SlotSet } from './slot-ranges';
import { waitUntilStable } from './stability';

/** How slots are moved: by SETSLOT and MIGRATE, or by the server's own atomic migration. */
export interface MoveOptions {
  /** @default 'migrate' */
  method?: 'migrate' | 'atomic';
}

/** A running cluster, and all that a test may do to it. */
export class TestCluster {
  readonly binary: ServerBinary;
  readonly databases: number;
  readonly #nodes: ClusterNode[];
  readonly #launch: () => Promise<ClusterNode>;

  constructor(
    binary: ServerBinary,
    nodes: readonly ClusterNode[],
    launch: () => Promise<ClusterNode>,
    databases: number
  ) {
    this.binary = binary;
    this.databases = databases;
    this.#nodes = [...nodes];
    this.#launch = launch;
  }

  /** All members, also those that are dead or hang. */
  get nodes(): readonly ClusterNode[] {
    return this.#nodes;
  }

  /** For createCluster(). */
  get rootNodes(): { url: string }[] {
    return this.#nodes.map(({ url }) => ({ url }));
  }

  /** The nodes that call themselves primary, with slots or without, in the order of `nodes`. */
  async primaries(): Promise<ClusterNode[]> {
    return (await this.#selves()).filter(([, self]) => self.isPrimary).map(([node]) => node);
  }

  /** The nodes that call themselves replica, of this primary or of any. */
  async replicas(of?: ClusterNode): Promise<ClusterNode[]> {
    const selves = await this.#selves();
    return selves
      .filter(([, self]) => !self.isPrimary && (of === undefined || self.primaryId === of.id))
      .map(([node]) => node);
  }

  /** The primary that owns a slot, or the slot of a key, by its own account. */
  async ownerOf(slotOrKey: number | string | Buffer): Promise<ClusterNode> {
    const slot = typeof slotOrKey === 'number' ? slotOrKey : slotOf(slotOrKey);
    const claims = (await this.#selves())
      .filter(([, self]) => self.isPrimary && self.slots.some(([from, to]) => from <= slot && slot <= to))
      .sort(([, a], [, b]) => b.configEpoch - a.configEpoch);
    if (claims.length === 0) {
      throw new TestKitUsageError(`No running primary owns the slot ${quote(slot)}`);
    }
    return claims[0][0];
  }

  /** The slots that a node owns by its own account. */
  async slotsOf(node: ClusterNode): Promise<number[]> {
    return expandSlots((await node.self()).slots);
  }

  /** A key of that slot, or of the first slot of that node. */
  async keyFor(target: ClusterNode | number, prefix = ''): Promise<string> {
    return typeof target === 'number' ? keyInSlot(target, prefix) : (await this.keysFor(target, 1, prefix))[0];
  }

  /** As many different keys, spread over the slots of that node. */
  async keysFor(node: ClusterNode, count: number, prefix = ''): Promise<string[]> {
    const slots = await this.slotsOf(node);
    if (slots.length === 0) {
      throw new TestKitUsageError(`${node.address} owns no slot that a key could have`);
    }
    const rounds = (index: number) => (index < slots.length ? '' : `:${Math.floor(index / slots.length)}`);
    return Array.from({ length: count }, (_, index) => keyInSlot(slots[index % slots.length], prefix) + rounds(index));
  }

  /** Starts a node, met and known by all, without slots. */
  async addPrimary(): Promise<ClusterNode> {
    return this.#add(node => addPrimary(node, this.#nodes));
  }

  /** Starts a replica of that primary; resolves when it is in sync and known by all. */
  async addReplica(of: ClusterNode): Promise<ClusterNode> {
    return this.#add(node => addReplica(node, of, this.#nodes));
  }

  /** Gives a replica to another primary; resolves when it is in sync and known as such by all. */
  reparentReplica(replica: ClusterNode, to: ClusterNode): Promise<void> {
    return reparentReplica(replica, to, this.#nodes);
  }

  /** FORGET at all others, then stop. Its slots and keys are not rescued: move them before. */
  async removeNode(node: ClusterNode): Promise<void> {
    this.#nodes.splice(this.#nodes.indexOf(node), 1);
    await removeNode(node, this.#nodes);
  }

  /** Moves slots with their keys; resolves when both ends know the new owner. */
  async moveSlots(
    from: ClusterNode,
    to: ClusterNode,
    slots: SlotSet,
    { method = 'migrate' }: MoveOptions = {}
  ): Promise<void> {
    if (method === 'atomic') {
      await waitForAtomicMove(await beginAtomicMove({ from, to, slots }));
      return;
    }
    await this.beginSlotMove(from, to, slots);
    await this.migrateKeys(from, to, slots);
    await this.finishSlotMove(from, to, slots);
  }

  /** First step of a classic move: IMPORTING at the target, MIGRATING at the source. */
  beginSlotMove(from: ClusterNode, to: ClusterNode, slots: SlotSet): Promise<void> {
    return beginSlotMove({ from, to, slots });
  }

  /** Second step: MIGRATE of every key, in every database. Gives their number. */
  migrateKeys(from: ClusterNode, to: ClusterNode, slots: SlotSet): Promise<number> {
    return migrateKeys({ from, to, slots }, this.databases);
  }

  /** Last step: SETSLOT NODE at the target, the source, and the other primaries. */
  async finishSlotMove(from: ClusterNode, to: ClusterNode, slots: SlotSet): Promise<void> {
    await finishSlotMove({ from, to, slots }, await this.primaries());
  }

  /** Instead of the last step: the target takes slots that the source still has keys of. Those are gone. */
  async takeSlots(from: ClusterNode, to: ClusterNode, slots: SlotSet): Promise<void> {
    await takeSlots({ from, to, slots });
    await this.waitUntilStable();
  }

  /** Instead of the last step: SETSLOT STABLE at both ends. */
  abandonSlotMove(from: ClusterNode, to: ClusterNode, slots: SlotSet): Promise<void> {
    return abandonSlotMove({ from, to, slots });
  }

  /** Instead of the last step, as an administrator repairs it: the keys that have moved are carried back. */
  returnSlotMove(from: ClusterNode, to: ClusterNode, slots: SlotSet): Promise<void> {
    return returnSlotMove({ from, to, slots }, this.databases);
  }

  /** Starts an atomic move without waiting for it. */
  beginAtomic(from: ClusterNode, to: ClusterNode, slots: SlotSet): Promise<AtomicMove> {
    return beginAtomicMove({ from, to, slots });
  }

  /** Resolves when an atomic move is done, rejects when it failed. */
  waitForAtomic(move: AtomicMove): Promise<void> {
    return waitForAtomicMove(move);
  }

  /** Cancels an atomic move. */
  cancelAtomic(move: AtomicMove): Promise<void> {
    return cancelAtomicMove(move);
  }

  /** CLUSTER FAILOVER at a replica; resolves when it calls itself primary. */
  failover(replica: ClusterNode, mode?: 'FORCE' | 'TAKEOVER'): Promise<void> {
    return failover(replica, mode);
  }

  kill(node: ClusterNode): Promise<void> {
    return node.kill();
  }

  hang(node: ClusterNode): Promise<void> {
    return node.hang();
  }

  resume(node: ClusterNode): void {
    node.resume();
  }

  restart(node: ClusterNode): Promise<void> {
    return node.restart();
  }

  async killAll(): Promise<void> {
    await Promise.all(this.#nodes.map(node => node.kill()));
  }

  async restartAll(): Promise<void> {
    await Promise.all(this.#nodes.map(node => node.restart()));
  }

  /** CLIENT KILL of a type of connections at a node. Gives their number. */
  async cutClients(node: ClusterNode, type: 'pubsub' | 'normal' | 'replica' | 'master' = 'pubsub'): Promise<number> {
    return Number(await node.command('CLIENT', 'KILL', 'TYPE', type, 'SKIPME', 'yes'));
  }

  /** Resolves when the cluster is at rest; see `waitUntilStable` in stability.ts for what that means. */
  waitUntilStable(options?: WaitOptions): Promise<void> {
    return waitUntilStable(this.#nodes, options);
  }

  /** Resolves when one of these replicas calls itself primary, as after a crash. Gives it. */
  waitForPromotion(candidates: readonly ClusterNode[], options?: WaitOptions): Promise<ClusterNode> {
    return waitForPromotion(candidates, options);
  }

  /** Stops every node for good. */
  async stop(): Promise<void> {
    await Promise.all(this.#nodes.map(node => node.stop()));
  }

  async #add(join: (node: ClusterNode) => Promise<void>): Promise<ClusterNode> {
    const node = await this.#launch();
    try {
      await join(node);
    } catch (error) {
      await node.stop();
      throw error;
    }
    this.#nodes.push(node);
    return node;
  }

  #selves(): Promise<[ClusterNode, NodeView][]> {
    const awake = this.#nodes.filter(node => node.isResponsive);
    return Promise.all(awake.map(async node => [node, await node.self()] as [ClusterNode, NodeView]));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}
