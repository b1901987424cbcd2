import { setTimeout as delay } from 'node:timers/promises';
import type { Message } from '../delivery/dispatcher';
import { printOf } from './word';
import { isRepeated } from './primary-words';
import type { ReplicationPoint } from './replication-point';

/** The two nodes of a planned failover, as far as a bridge between them has to know them. */
export interface Banks {
  /** What the demoted node has said since it follows the new primary; it goes on. */
  readonly echo: { readonly messages: readonly Message[]; readonly length: number };
  /** How far the demoted node is; `onPlace` is called where the answer stands in its stream. */
  askDemoted(onPlace: () => void): Promise<ReplicationPoint>;
  /** What the new primary has said since it was subscribed, and how far it was then. */
  heard(): Promise<{ readonly messages: readonly Message[]; readonly point: ReplicationPoint }>;
  /** Is it about what the new primary owns? A replica deletes what its primary has given away. */
  concerns(message: Message): boolean;
  /** How far the new primary was when it was asked first. */
  readonly first: ReplicationPoint;
  /** Nobody waits any more. */
  isOver(): boolean;
}

/** Milliseconds between questions. */
const PACE = 1;

/**
 * What a new primary said before it was subscribed: the demoted node, which follows it, says the same in the
 * words of a replica. Both count the bytes of one stream of writes: where the demoted node is as far as the new
 * primary was, its echo is what was missed and what has been heard. Where its answers leave several writes open
 * the two must agree on what has been heard, or else more has to be heard.
 * @returns undefined when it cannot be known: somebody had to copy all data, or nobody waits any more.
 */
export async function missedBetween(banks: Banks): Promise<readonly Message[] | undefined> {
  while (!banks.isOver()) {
    const { point, messages: heard } = await banks.heard();
    const messages = heard.filter(message => isRepeated(message) && banks.concerns(message));
    if (point.fullCopies !== banks.first.fullCopies) return undefined;
    const places = await reach(banks, point.offset);
    if (!places) return undefined;
    const possible = missedUpTo(places, banks, messages);
    if (possible.length === 1) return possible[0];
    await delay(PACE, undefined, { ref: false });
  }
  return undefined;
}

/** Between which places of its echo does the demoted node reach this offset? */
async function reach(banks: Banks, goal: number): Promise<{ from: number; to: number } | undefined> {
  let from = 0;
  while (!banks.isOver()) {
    let to = 0;
    const { isCopying, offset } = await banks.askDemoted(() => (to = banks.echo.length));
    if (isCopying) return undefined;
    if (offset >= goal) return { from: offset === goal ? to : from, to };
    from = to;
    await delay(PACE, undefined, { ref: false });
  }
  return undefined;
}

/** What of the echo may have been missed? Up to one of the places it ends, name by name, with what has been heard. */
function missedUpTo(
  { from, to }: { from: number; to: number },
  { echo, concerns }: Banks,
  heard: readonly Message[]
): (readonly Message[])[] {
  const possible: (readonly Message[])[] = [];
  for (let place = from; place <= to; place++) {
    const missed = without(echo.messages.slice(0, place).filter(concerns), heard);
    if (missed) possible.push(missed);
  }
  return possible;
}

/**
 * What was said and has not been heard, in order, or undefined when the last that was said is something else. A write
 * may come between two commands that subscribe: then only some of the names have brought it.
 */
function without(said: Message[], heard: readonly Message[]): readonly Message[] | undefined {
  const left = new Map<unknown, Message[]>();
  for (const message of heard) {
    const sameName = left.get(message.want);
    if (sameName) sameName.push(message);
    else left.set(message.want, [message]);
  }
  const missed: Message[] = [];
  for (let open = heard.length; open > 0;) {
    const message = said.pop();
    if (!message) return undefined;
    const last = left.get(message.want)?.pop();
    if (!last) missed.push(message);
    else if (printOf(last) !== printOf(message)) return undefined;
    else open--;
  }
  return [...said, ...missed.reverse()];
}
