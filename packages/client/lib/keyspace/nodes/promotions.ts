import type { Message } from '../delivery/dispatcher';
import type { Topology } from '../plan/topology';
import { ambiguousWords } from '../protocol/replica-words';
import { missedBetween } from './bridge';
import type { Node } from './handover';
import { inPrimaryWords, type PrimaryWord } from './primary-words';
import type { ReplicationPoint } from './replication-point';
import { slotOf } from './slot-of';
import type { Voice } from './voice';

export interface PromotionDoubt {
  /** All that the demoted node said as a primary has been heard. */
  readonly wasHeard: boolean;
  /** It concerns only those who do not hear one of these words, which a replica says of something that they do hear. */
  readonly unheard?: ReadonlySet<string>;
}

export interface PromotionsHost {
  /** The new primary has said it, as the owner. */
  believe(voice: Voice, message: Message): void;
  hide(message: Message): void;
  /** What this primary said between its promotion and its subscription cannot be known. */
  unproven(primaryId: string, doubt: PromotionDoubt): void;
}

/** A replica that has become a primary, while its former primary is still there. */
interface Promotion {
  readonly former: Voice;
  readonly done: Promise<void>;
  settle(): void;
}

/** Milliseconds after which it is told that something may have been missed. */
const LONGEST_BRIDGE = 1_000;

/** Replicas that have become primaries, and what each of them said before it was subscribed. */
export class Promotions {
  readonly #host: PromotionsHost;
  /** By the ids of the new primaries. */
  readonly #promotions = new Map<string, Promotion>();

  constructor(host: PromotionsHost) {
    this.#host = host;
  }

  begin(id: string, former: Voice): void {
    if (this.#promotions.has(id)) return;
    let settle = () => {};
    const done = new Promise<void>(resolve => {
      settle = () => {
        clearTimeout(timer);
        this.#promotions.delete(id);
        resolve();
      };
    });
    const timer = setTimeout(() => {
      settle();
      this.#host.unproven(id, { wasHeard: former.isReplica });
    }, LONGEST_BRIDGE).unref();
    this.#promotions.set(id, { former, done, settle });
  }

  /** Is it still to be found out whether anything of it was missed? */
  isPending(id: string): boolean {
    return this.#promotions.has(id);
  }

  /** Nothing of it was missed. */
  settle(id: string): void {
    this.#promotions.get(id)?.settle();
  }

  /** A primary that the others have found dead has no place in the topology, and is not waited for. */
  review({ nodes }: Topology): void {
    for (const [id, { former, settle }] of this.#promotions) {
      if (nodes.has(former.node.node.id)) continue;
      settle();
      this.#host.unproven(id, { wasHeard: false });
    }
  }

  /** Resolves when nothing that the node says can matter any more, although it is no primary now. */
  async lastWords(node: Node): Promise<void> {
    await node.ping();
    const needed = [...this.#promotions.values()].filter(({ former }) => former.node === node);
    await Promise.all(needed.map(({ done }) => done));
  }

  /** Finds what a new primary said before it was subscribed, and tells it. */
  async bridge(voice: Voice): Promise<void> {
    const { id } = voice.node.node;
    const promotion = this.#promotions.get(id);
    if (!promotion) return;
    const isOver = () => this.#promotions.get(id) !== promotion;
    const crossed = cross(voice, promotion.former, isOver).catch(() => undefined);
    const found = await Promise.race([crossed, promotion.done]);
    if (isOver()) return;
    promotion.settle();
    const wasHeard = promotion.former.isReplica;
    if (!found) return this.#host.unproven(id, { wasHeard });
    const { missed, first } = found;
    const own = isUntouched(first) ? missed : ownWords(voice, found);
    if (own) {
      for (const message of own) this.#host.believe(voice, message);
      return;
    }
    const ambiguous = ambiguousWords(voice.succession.asReplica, first);
    const isDoubtful = ({ notification: { event } }: Message) => ambiguous.has(event);
    for (const message of missed) {
      if (isDoubtful(message)) this.#host.hide(message);
      else this.#host.believe(voice, message);
    }
    const unheard = missed.some(isDoubtful) ? undefined : ambiguous;
    if (!unheard || unheard.size) this.#host.unproven(id, { wasHeard, unheard });
  }

  clear(): void {
    for (const { settle } of this.#promotions.values()) settle();
  }
}

/**
 * What it said in its own words, if all of them that a replica calls otherwise have been heard: as many as it counts
 * itself. Servers that say nothing by event, and other databases, are found out by that.
 */
function ownWords(
  { node, succession: { isForetelling, asReplica } }: Voice,
  { missed, first, foretold }: Crossing
): readonly Message[] | undefined {
  if (!isForetelling || !asReplica) return undefined;
  const count = (...events: readonly string[]) =>
    foretold.filter(({ notification: { event } }) => events.includes(event)).length;
  if (count('expired', 'evicted') !== first.removedKeys - asReplica.removedKeys) return undefined;
  if (first.removedFields !== asReplica.removedFields && !count('hexpired')) return undefined;
  return inPrimaryWords(missed, foretold, node);
}

interface Crossing {
  readonly missed: readonly Message[];
  /** How far the new primary was when it was subscribed, and what it had foretold by then. */
  readonly first: ReplicationPoint;
  readonly foretold: readonly PrimaryWord[];
}

async function cross(voice: Voice, former: Voice, isOver: () => boolean): Promise<Crossing | undefined> {
  const { point: first, foretold } = await voice.succession.subscription.promise;
  if (!first.isCounting) return undefined;
  if (isUntouched(first)) return { missed: [], first, foretold };
  await former.succession.demotion.promise;
  const missed = await missedBetween({
    echo: former.succession.echo,
    concerns: message => voice.claims(slotOf(message)),
    askDemoted: onPlace => former.succession.position(onPlace),
    heard: async () => {
      let messages: readonly Message[] = [];
      const point = await voice.succession.position(() => (messages = voice.held));
      return { point, messages };
    },
    first,
    isOver
  });
  return missed && { missed, first, foretold };
}

/** Nothing has been written since it was promoted. */
function isUntouched({ offset, promotedAt }: ReplicationPoint): boolean {
  return offset <= promotedAt;
}
