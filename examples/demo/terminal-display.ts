import type { KeyNotification } from 'redis-keyspace';
import type { Display } from './display';
import { notificationLine, number, tableLines } from './format';
import { Tally } from './tally';

/** Milliseconds between two drawings. */
const INTERVAL = 100;
/** Of the last notifications so many are shown. */
const LAST = 6;
const CLEAR_BELOW = '\u001b[0J';

/** The terminal that it draws on, as far as it is used. */
export interface Terminal {
  readonly columns?: number;
  write(text: string): unknown;
}

/** A table that is drawn anew, under lines that stay. */
export class TerminalDisplay implements Display {
  readonly #terminal: Terminal;
  readonly #timer: NodeJS.Timeout;
  readonly #tally = new Tally();
  readonly #last: string[] = [];
  #title = '';
  #drawn = 0;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
    this.#timer = setInterval(() => this.#draw(), INTERVAL).unref();
  }

  phase(title: string): void {
    this.#title = title;
    this.#keep(`\n${title}`);
  }

  say(text: string): void {
    this.#keep(`  ${text}`);
  }

  notification(notification: KeyNotification): void {
    this.#tally.add(notification.node, notification.event);
    this.#last.push(notificationLine(notification, new Date()));
    if (this.#last.length > LAST) this.#last.shift();
  }

  end(): void {
    clearInterval(this.#timer);
    this.#draw();
    this.#drawn = 0;
    this.#terminal.write('\n');
  }

  /** The line goes where the table was, and the table below. */
  #keep(line: string): void {
    this.#terminal.write(`${this.#erased()}${line}\n`);
    this.#draw();
  }

  #draw(): void {
    if (!this.#tally.total) return;
    const width = this.#terminal.columns ?? 80;
    const lines = [
      '',
      ...tableLines(this.#tally, width),
      '',
      ...this.#last,
      '',
      `${number(this.#tally.total)} heard · ${this.#title}`
    ];
    const text = lines.map(line => line.slice(0, width - 1)).join('\n');
    this.#terminal.write(`${this.#erased()}${text}\n`);
    this.#drawn = lines.length;
  }

  #erased(): string {
    const text = this.#drawn ? `\u001b[${this.#drawn}A\r${CLEAR_BELOW}` : '';
    this.#drawn = 0;
    return text;
  }
}
