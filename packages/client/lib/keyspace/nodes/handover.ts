import type { Message } from '../delivery/dispatcher';
import type { Subscription } from '../delivery/subscription';
import { inRanges, joinRanges, slotsOf, type SlotRanges } from '../plan/slot-ranges';
import type { Topology } from '../plan/topology';
import { isCarried } from './carried-key';
import type { History } from './history';
import { importedPart } from './imported-part';
import { Motions } from './motions';
import { MovedKeys } from './moved-keys';
import type { NodeSubscriber } from './node-subscriber';
import type { PrimaryWord } from './primary-words';
import { Promotions, type PromotionDoubt } from './promotions';
import { splice } from './splice';
import { slotOf } from './slot-of';
import { Voice } from './voice';
import { wordsOf } from './word';

export type Node = NodeSubscriber<Subscription>;

/** What the handover asks of the coordinator. */
export interface HandoverHost {
  deliver(message: Message): void;
  /** The move of a key shows itself: only for those who asked for it. */
  deliverPhantom(message: Message): void;
  /** Something has changed hands. Resolves when the topology has been looked at anew. */
  refresh(node: Node): Promise<void>;
  /** What this primary said between its promotion and its subscription cannot be known. */
  unproven(primaryId: string, doubt: PromotionDoubt): void;
  /**
   * Where an import of these slots, begun then (ms), ended cannot be known: something may have been taken for it.
   * @returns what is to be called when all that is in doubt has been delivered.
   */
  blurred(node: Node, slots: SlotRanges, since: number): () => void;
  /** The number of the last message that has arrived, of all nodes together. */
  readonly arrived: number;
  /** Replicas are subscribed too. */
  readonly standby?: boolean;
  /** All primaries that are connected, by their ids. */
  readonly nodes: ReadonlyMap<string, Node>;
}

/** What is kept of a node that is gone. */
interface LastWords {
  readonly history: History;
  /** Nothing that it said before (ms) is in doubt. */
  readonly heardUntil: number;
}

interface Gain {
  readonly voice: Voice;
  readonly slots: ReadonlySet<number>;
  readonly done: Promise<void>;
}

/**
 * Is this node the one to speak for this slot now? Decided for each node by its own stream (`Belief`); here the
 * streams meet: what a new owner says of a slot waits until all that the former one said has been read, and the
 * two halves of a moved key find each other. Outside a cluster there is no question, and nothing is asked.
 */
export class Handover {
  readonly #host: HandoverHost;
  readonly #moved: MovedKeys<Node>;
  readonly #voices = new Map<Node, Voice>();
  readonly #motions = new Motions<Voice>();
  /** What is gained, and waits for the former owners. */
  readonly #gains = new Set<Gain>();
  readonly #promotions: Promotions;
  /** Replicas that have stood in for their primaries before the topology showed it. */
  readonly #stoodIn = new Set<string>();
  /** Whom a primary has replaced, by their ids. */
  readonly #formerOf = new Map<string, string>();
  /** Of nodes that are gone, by their ids, for those that stand by. */
  readonly #last = new Map<string, LastWords>();
  #topology: Topology | undefined;
  /** What was not handed on: phantoms, imports, echoes of demoted nodes. */
  hidden = 0;

  constructor(host: HandoverHost) {
    this.#host = host;
    this.#promotions = new Promotions({
      believe: (voice, message) => this.#believe(voice, { ...message, node: voice.node }, true, slotOf(message)),
      hide: message => this.#hide(message),
      unproven: (primaryId, doubt) => host.unproven(primaryId, doubt)
    });
    this.#moved = new MovedKeys({
      deliver: message => host.deliver(message),
      hide: message => {
        this.#hide(message);
        host.deliverPhantom(message);
      },
      fence: () => this.#fence(),
      decided: () => this.#decided(),
      movesAtOnce: message => this.#motions.goesAtOnce(slotOf(message)),
      isCarried: (node, message) => this.#isCarried(node, message)
    });
  }

  apply(topology: Topology): void {
    const previous = this.#topology;
    this.#topology = topology;
    if (!previous?.sharded) return;
    for (const { id, slots } of topology.primaries) {
      const before = previous.nodes.get(id);
      if (before?.role !== 'replica' || !slots.length) continue;
      if (before.primaryId !== undefined) this.#formerOf.set(id, before.primaryId);
      // It had shown itself before.
      if (this.#stoodIn.delete(id)) continue;
      const former = this.#voiceOf(before.primaryId);
      if (former) this.#promotions.begin(id, former);
      // Redis 7.0 does not mark a promotion: a replica that is connected has to be asked.
      this.#voiceOf(id)
        ?.look()
        .catch(() => undefined);
    }
    this.#promotions.review(topology);
  }

  /** Is it still to be found out whether anything of a new primary was missed? Then it is told by `unproven`. */
  isPending(primaryId: string): boolean {
    return this.#promotions.isPending(primaryId);
  }

  /** All that is wanted of this connection is confirmed. */
  subscribed(node: Node): void {
    if (this.isPending(node.node.id)) void this.#voices.get(node)?.succession.subscribed();
  }

  /** Resolves when nothing that the node says can matter any more, although it is no primary now. */
  lastWords(node: Node): Promise<void> {
    return this.#promotions.lastWords(node);
  }

  /**
   * A new connection of this node, on which nothing is subscribed yet. Resolves when it is known which slots are
   * its own. @throws when the connection is lost.
   */
  async meet(node: Node): Promise<void> {
    if (!this.#topology?.sharded) return;
    this.forget(node);
    const voice: Voice = new Voice(node, {
      believe: (message, owned, slot) => this.#believe(voice, message, owned, slot),
      hide: message => this.#hide(message),
      echo: message => this.#hide(message),
      disputed: slot => {
        this.#dispute(slot, voice);
        return this.#motions.sourceOf(slot)?.owner;
      },
      gained: (slots, wasReplica) => this.#gain(voice, slots, wasReplica),
      importing: ({ sourceId, slots, isOver }) => {
        const moving = slotsOf(slots);
        this.#motions.goAtOnce(moving, isOver);
        this.#voiceOf(sourceId)?.watch(moving);
      },
      copying: ({ sourceId }) => this.#voiceOf(sourceId)?.fence(),
      abandoned: ({ slots }) => this.#motions.stay(slotsOf(slots)),
      missed: (slots, since) => this.#host.blurred(node, slots, since)(),
      slotsOf: primaryId => this.#topology?.nodes.get(primaryId)?.slots ?? [],
      demoted: () => void this.#host.refresh(node),
      lost: () => void this.#host.refresh(node)
    });
    this.#voices.set(node, voice);
    await voice.open();
  }

  /** What a node says of the cluster: its answer to CLUSTER NODES. */
  look(node: Node): Promise<string> {
    return this.#voices.get(node)?.look() ?? node.command(['CLUSTER', 'NODES']);
  }

  accept(node: Node, message: Message): void {
    const voice = this.#voices.get(node);
    if (voice) voice.said(slotOf(message), message);
    else this.#host.deliver(message);
  }

  /** What only primaries say is subscribed at this replica. */
  foretells(node: Node): void {
    void this.#voices.get(node)?.foretells();
  }

  foretell(node: Node, word: PrimaryWord): void {
    this.#voices.get(node)?.succession.foretell(word);
  }

  /** The server allows what it had refused: maybe sharded channels too. */
  granted(node: Node): void {
    this.#voices.get(node)?.granted();
  }

  /** The server has taken a canary from this node. */
  taken(node: Node, channel: Buffer): void {
    this.#voices.get(node)?.taken(channel);
  }

  /** Resolves when what waits now does not wait any more. */
  async settled(): Promise<void> {
    await this.#decided();
    await this.#moved.settled();
  }

  /** Which of these slots may still be the node's own, by what it has said itself? */
  ownedOf(node: Node, slots: SlotRanges): SlotRanges {
    const voice = this.#voices.get(node);
    if (!voice) return slots;
    return joinRanges(slotsOf(slots).flatMap(slot => (voice.mayOwn(slot) ? [[slot, slot] as const] : [])));
  }

  /**
   * The connection to the node is gone: what it said and nobody could confirm is forgotten.
   * @returns since when there was such (ms), or Infinity.
   */
  forget(node: Node): number {
    const voice = this.#voices.get(node);
    const undecidedSince = voice?.close();
    this.#voices.delete(node);
    if (voice && this.#host.standby)
      this.#last.set(node.node.id, { history: voice.history, heardUntil: node.heardUntil });
    return undecidedSince ?? Infinity;
  }

  clear(): void {
    this.#topology = undefined;
    this.#promotions.clear();
    for (const node of [...this.#voices.keys()]) this.forget(node);
    this.#moved.clear();
    this.#motions.clear();
    this.#last.clear();
    this.#formerOf.clear();
    this.#stoodIn.clear();
  }

  #hide({ node: { counts } }: Message): void {
    this.hidden++;
    counts.hidden++;
  }

  #voiceOf(id: string | undefined): Voice | undefined {
    return [...this.#voices.values()].find(({ node }) => node.node.id === id);
  }

  async #decided(): Promise<void> {
    await Promise.all([...this.#voices.values()].map(voice => voice.settled()));
  }

  #believe(voice: Voice, message: Message, owned: boolean, slot: number): void {
    if (owned) voice.history.add(slot, message);
    else this.#dispute(slot, voice);
    if (this.#voices.size > 1 && this.#moved.take(voice.node, message, owned, this.#motions.goesByKey(slot))) return;
    this.#host.deliver(message);
  }

  /** Somebody else speaks for this slot: its owner is to be marked where it loses it. */
  #dispute(slot: number, other: Voice): void {
    if (this.#motions.goesOn(slot)) return;
    const owner = [...this.#voices.values()].find(voice => voice !== other && voice.owns(slot));
    this.#motions.begin(slot, owner);
    owner?.watch([slot]);
  }

  /** Whoever gained any of these slots before comes first, also if that is not decided yet. */
  #gain(voice: Voice, slots: readonly number[], wasReplica: boolean): void {
    const earlier = [...this.#gains].filter(gain => gain.voice !== voice && slots.some(slot => gain.slots.has(slot)));
    const decided = Promise.all(earlier.map(({ done }) => done));
    const done = this.#hearOut(voice, slots, wasReplica, decided).finally(() => this.#gains.delete(gain));
    const gain = { voice, slots: new Set(slots), done };
    this.#gains.add(gain);
  }

  /** The former owners come first. */
  async #hearOut(
    voice: Voice,
    slots: readonly number[],
    wasReplica: boolean,
    decided: Promise<unknown>
  ): Promise<void> {
    const { id } = voice.node.node;
    const former = [...this.#voices.values()].filter(other => other !== voice && slots.some(slot => other.owns(slot)));
    if (wasReplica && former.length === 1) this.#promotions.begin(id, former[0]);
    if (former.length || wasReplica) void this.#host.refresh(voice.node);
    const primaryId = former[0]?.node.node.id ?? this.#formerOf.get(id) ?? this.#topology?.nodes.get(id)?.primaryId;
    const stoodBy = wasReplica && this.#host.standby === true && voice.node.isSettled;
    const asked = voice.imports().catch(() => []);
    await Promise.all([decided, ...former.map(other => other.hearOut(slots))]);
    if (wasReplica && former.length === 1) voice.history.inherit(former[0].history);
    if (stoodBy) this.#standIn(voice, former[0] ?? this.#voiceOf(primaryId), primaryId);
    else await this.#promotions.bridge(voice);
    const imports = await asked;
    const sources = imports.flatMap(({ job }) => this.#voiceOf(job.sourceId) ?? []);
    await Promise.all(sources.map(source => source.settledOf(slots)));
    const { foreign, blurs } = importedPart(voice, slots, imports, {
      sourceOf: slot => this.#motions.sourceOf(slot),
      voiceOf: id => this.#voiceOf(id)
    });
    const close = blurs.map(blur => this.#host.blurred(voice.node, blur.slots, blur.since));
    const atomic = new Set(slots.filter(slot => imports.some(({ job }) => inRanges(job.slots, slot))));
    const moved = slots.filter(slot => this.#motions.end(slot));
    voice.own(slots, foreign, atomic);
    for (const end of close) end();
    voice.succession.clear();
    for (const slot of moved) voice.watch([slot]);
  }

  /** A replica that was subscribed has said all that its primary said, and what was lost with it. */
  #standIn(voice: Voice, former: Voice | undefined, primaryId: string | undefined): void {
    const { id } = voice.node.node;
    this.#promotions.settle(id);
    if (this.#topology?.nodes.get(id)?.role === 'replica') this.#stoodIn.add(id);
    const last = former ? { history: former.history, heardUntil: Infinity } : this.#last.get(primaryId ?? '');
    if (!last) return;
    const { echo } = voice.succession;
    const { messages } = echo;
    const words = wordsOf(messages);
    const { ends, keys } = splice(
      [...last.history.backwards()],
      words.map(({ print }) => print)
    );
    // One key may be said again at any place: then what was said since its primary was surely heard is said again.
    const missed = keys > 1 ? messages.slice(words[ends[0] - 1].end) : echo.since(last.heardUntil);
    for (const message of missed) {
      const slot = slotOf(message);
      // A replica deletes what its primary has given away.
      if (voice.claims(slot)) this.#believe(voice, message, true, slot);
    }
    if (primaryId !== undefined) this.#last.delete(primaryId);
  }

  /** Of many exact keys each is subscribed at its owner only: of a move that nobody has seen yet no `restore` is heard. */
  async #isCarried(node: Node, { want, notification }: Message): Promise<boolean> {
    if (want.slot === undefined || [...this.#host.nodes.values()].every(other => other.isActive(want))) return false;
    const { source, keyStart, keyEnd, database } = notification;
    const byAddress = (address: string) => [...this.#host.nodes.values()].find(other => other.address === address);
    const find = async (address: string) => {
      if (!byAddress(address)) await this.#host.refresh(node);
      return byAddress(address);
    };
    return isCarried(node, find, source.subarray(keyStart, keyEnd), database);
  }

  /** All that was said before the call has been read. */
  async #fence(): Promise<ReadonlyMap<Node, number>> {
    const ready = [...this.#host.nodes.values()].filter(node => node.state === 'ready');
    const end = async (node: Node) => {
      await node.ping().catch(() => undefined);
      return [node, this.#host.arrived] as const;
    };
    return new Map(await Promise.all(ready.map(end)));
  }
}
