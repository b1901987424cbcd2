import type { KeyNotification } from 'redis-keyspace';
import type { Display } from './display';
import { notificationLine, number } from './format';
import { Tally } from './tally';

/** So many notifications of a phase are shown; of the others how many. */
const SHOWN = 5;

/** Plain lines, for a file or a pipe. */
export class PlainDisplay implements Display {
  readonly #write: (text: string) => void;
  #tally = new Tally();

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  phase(title: string): void {
    this.#tellCounts();
    this.#write(`\n${title}\n`);
  }

  say(text: string): void {
    this.#write(`  ${text}\n`);
  }

  notification(notification: KeyNotification): void {
    this.#tally.add(notification.node, notification.event);
    if (this.#tally.total <= SHOWN) this.say(notificationLine(notification, new Date()));
    else if (this.#tally.total === SHOWN + 1) this.say('…');
  }

  end(): void {
    this.#tellCounts();
    this.#write('\n');
  }

  #tellCounts(): void {
    const tally = this.#tally;
    this.#tally = new Tally();
    if (!tally.total) return;
    const nodes = tally.nodes.map(node => `${number(tally.of(node))} from ${node}`);
    const events = tally.events.map(event => `${event} ${number(tally.sumOf(event))}`);
    this.say(`${number(tally.total)} heard: ${nodes.join(', ')}`);
    this.say(`by event: ${events.join(', ')}`);
  }
}
