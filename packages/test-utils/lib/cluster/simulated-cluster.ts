import { createHash } from 'node:crypto';
import { TestKitUsageError, quote } from '../errors';
import { SLOTS, expandSlots, type SlotSet } from './slot-ranges';

export interface SimulatedClusterOptions {
  /** How many own slots at first. */
  primaries: number;
  /** Replicas of each primary. @default 0 */
  replicas?: number;
  /** So many even ranges are dealt out to the primaries in turn. @default as many as primaries */
  ranges?: number;
  /** `host:port` of the first nodes, the primaries before their replicas. @default made up */
  addresses?: readonly string[];
}

interface SimulatedNode {
  readonly id: string;
  readonly address: string;
  primaryId: string | undefined;
  epoch: number;
  failed: boolean;
}

/**
 * A cluster without servers, for sizes that no machine can start: it says what real nodes would say. Whoever
 * takes a slot over has the greatest configuration epoch afterwards; it gets a new one only if it has not been the
 * greatest before (Redis 7.0-8.8, Valkey 9). Everybody knows everything at once: an older view is one kept from before.
 */
export class SimulatedCluster {
  readonly #nodes = new Map<string, SimulatedNode>();
  readonly #owners: string[];
  readonly #moves = new Map<number, string>();
  readonly #addresses: readonly string[];
  #count = 0;

  constructor({ primaries, replicas = 0, ranges = primaries, addresses = [] }: SimulatedClusterOptions) {
    this.#addresses = addresses;
    if (ranges < primaries || ranges > SLOTS) {
      throw new TestKitUsageError(`ranges must be between ${primaries} and ${SLOTS}, got ${quote(ranges)}`);
    }
    const ids = Array.from({ length: primaries }, () => this.add());
    ids.forEach((id, index) => (this.#nodes.get(id)!.epoch = index + 1));
    for (const id of ids) for (let replica = 0; replica < replicas; replica++) this.add(id);
    this.#owners = Array.from({ length: SLOTS }, (_, slot) => ids[Math.floor((slot * ranges) / SLOTS) % primaries]);
  }

  /** The owner of each slot. */
  get owners(): readonly string[] {
    return this.#owners;
  }

  /** The slots that are on the move the classic way, and who imports each. */
  get moves(): ReadonlyMap<number, string> {
    return this.#moves;
  }

  /** The ids of all primaries, crashed ones too. */
  get primaries(): string[] {
    return [...this.#nodes.values()].filter(({ primaryId }) => primaryId === undefined).map(({ id }) => id);
  }

  /** The ids of all replicas, and whom each replicates. */
  get replicas(): ReadonlyMap<string, string> {
    return new Map([...this.#nodes.values()].flatMap(({ id, primaryId }) => (primaryId ? [[id, primaryId]] : [])));
  }

  /** The ids of a primary's replicas. */
  replicasOf(primaryId: string): string[] {
    return [...this.#nodes.values()].filter(node => node.primaryId === primaryId).map(({ id }) => id);
  }

  /** A node joins: a primary without slots, or a replica. @returns its id. */
  add(primaryId?: string): string {
    const number = this.#count++;
    const id = createHash('sha1').update(`node ${number}`).digest('hex');
    const address = this.#addresses[number] ?? `10.1.${number >> 8}.${number & 255}:7000`;
    this.#nodes.set(id, { id, address, primaryId, epoch: 0, failed: false });
    return id;
  }

  /** A node without slots and replicas leaves, and is forgotten by all. */
  remove(id: string): void {
    if (this.#owners.includes(id) || this.replicasOf(id).length) {
      throw new TestKitUsageError(`${quote(id)} has slots or replicas and cannot leave`);
    }
    this.#nodes.delete(id);
    for (const [slot, to] of this.#moves) if (to === id) this.#moves.delete(slot);
  }

  /** The classic move of a slot begins: its owner migrates it, `to` imports it. */
  beginMove(slot: number, to: string): void {
    if (this.#owners[slot] !== to) this.#moves.set(slot, to);
  }

  /** Slots have moved, by whatever way. */
  move(slots: SlotSet, to: string): void {
    const taken = expandSlots(slots).filter(slot => this.#owners[slot] !== to);
    if (!taken.length) return;
    const taker = this.#nodes.get(to)!;
    if (taker.epoch === 0 || taker.epoch !== this.#greatestEpoch()) taker.epoch = this.#greatestEpoch() + 1;
    for (const slot of taken) {
      this.#owners[slot] = to;
      this.#moves.delete(slot);
    }
  }

  /** A replica takes the place of its primary, which becomes its replica unless it has crashed. */
  failover(replicaId: string): void {
    const replica = this.#nodes.get(replicaId)!;
    const old = this.#nodes.get(replica.primaryId!)!;
    replica.primaryId = undefined;
    replica.epoch = this.#greatestEpoch() + 1;
    for (const id of this.replicasOf(old.id)) this.#nodes.get(id)!.primaryId = replicaId;
    if (!old.failed) old.primaryId = replicaId;
    for (const [slot, to] of this.#moves) if (to === old.id || this.#owners[slot] === old.id) this.#moves.delete(slot);
    this.#owners.forEach((owner, slot) => {
      if (owner === old.id) this.#owners[slot] = replicaId;
    });
  }

  /** Everybody agrees that the node has failed. */
  crash(id: string): void {
    this.#nodes.get(id)!.failed = true;
  }

  /** What this node answers to CLUSTER NODES. */
  view(answerer: string): string {
    const slots = this.#slotTokens();
    const lines = [...this.#nodes.values()].map(({ id, address, primaryId, failed }) => {
      const flags = [id === answerer && 'myself', primaryId === undefined ? 'master' : 'slave', failed && 'fail'];
      const { epoch } = this.#nodes.get(primaryId ?? id)!;
      const fields = [id, `${address}@17000`, flags.filter(Boolean).join(), primaryId ?? '-', 0, 0, epoch, 'connected'];
      return [...fields, ...(slots.get(id) ?? []), ...(id === answerer ? this.#moveTokens(id) : [])].join(' ');
    });
    return `${lines.join('\n')}\n`;
  }

  #greatestEpoch(): number {
    let greatest = 0;
    for (const { epoch } of this.#nodes.values()) greatest = Math.max(greatest, epoch);
    return greatest;
  }

  #slotTokens(): Map<string, string[]> {
    const tokens = new Map<string, string[]>();
    for (let from = 0, to = 0; from < SLOTS; from = ++to) {
      const owner = this.#owners[from];
      while (this.#owners[to + 1] === owner) to++;
      const token = from === to ? `${from}` : `${from}-${to}`;
      const own = tokens.get(owner);
      if (own) own.push(token);
      else tokens.set(owner, [token]);
    }
    return tokens;
  }

  #moveTokens(id: string): string[] {
    return [...this.#moves].flatMap(([slot, to]) => {
      const owner = this.#owners[slot];
      if (owner === id) return [`[${slot}->-${to}]`];
      return to === id ? [`[${slot}-<-${owner}]`] : [];
    });
  }
}
