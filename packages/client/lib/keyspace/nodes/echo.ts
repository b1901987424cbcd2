import type { Message } from '../delivery/dispatcher';

/** So many are kept of each replica, at about 0.5 kB each: the older go first. */
const KEPT = 50_000;

/** The last that a node said as a replica: in its own words what its primary says, and when it was heard (ms). */
export class Echo {
  #messages: Message[] = [];
  #heardAt: number[] = [];
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  get messages(): readonly Message[] {
    return this.#messages;
  }

  get length(): number {
    return this.#messages.length;
  }

  add(message: Message): void {
    this.#messages.push(message);
    this.#heardAt.push(this.#now());
    if (this.#messages.length >= 2 * KEPT) this.#drop(KEPT);
  }

  /** What was heard since this time (ms). */
  since(time: number): readonly Message[] {
    const first = this.#heardAt.findIndex(at => at >= time);
    return first === -1 ? [] : this.#messages.slice(first);
  }

  clear(): void {
    this.#drop(this.#messages.length);
  }

  #drop(count: number): void {
    this.#messages = this.#messages.slice(count);
    this.#heardAt = this.#heardAt.slice(count);
  }
}
