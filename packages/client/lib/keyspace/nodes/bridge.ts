import { setTimeout as delay } from 'node:timers/promises';
import type { Message } from '../delivery/dispatcher';
import { printOf } from './history';
import type { ReplicationPoint } from './replication-point';

/** The two nodes of a planned failover, as far as a bridge between them has to know them. */
export interface Banks {
  /** What the demoted node has said since it follows the new primary; it goes on. */
  readonly echo: { readonly messages: readonly Message[]; readonly length: number };
  /** How far the demoted node is; `onPlace` is called where the answer stands in its stream. */
  askDemoted(onPlace: () => void): Promise<ReplicationPoint>;
  /** What the new primary has said since it was subscribed, and how far it was then. */
  heard(): Promise<{ readonly messages: readonly Message[]; readonly point: ReplicationPoint }>;
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
    const { point, messages } = await banks.heard();
    if (point.fullCopies !== banks.first.fullCopies) return undefined;
    const places = await reach(banks, point.offset);
    if (!places) return undefined;
    const ends = endsBetween(places, banks.echo.messages.map(printOf), messages.map(printOf));
    if (ends.length === 1) return banks.echo.messages.slice(0, ends[0]);
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

/** Where in the echo may what was missed end? Behind it follows what has been heard, up to one of the places. */
function endsBetween(
  places: { from: number; to: number },
  echo: readonly number[],
  heard: readonly number[]
): number[] {
  const ends: number[] = [];
  for (let place = places.from; place <= places.to; place++) {
    const end = place - heard.length;
    if (end >= 0 && heard.every((print, index) => print === echo[end + index])) ends.push(end);
  }
  return ends;
}
