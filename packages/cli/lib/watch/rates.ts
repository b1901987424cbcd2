import type { KeyNotification } from 'redis-keyspace';

/** How often something was heard: since the last report, and altogether. */
export interface Rate {
  readonly name: string;
  readonly perSecond: number;
  readonly total: number;
}

/** What was heard, the most frequent first. */
export interface RateReport {
  /** Seconds since the last report. */
  readonly seconds: number;
  readonly perSecond: number;
  readonly total: number;
  readonly nodes: readonly Rate[];
  readonly events: readonly Rate[];
  /** By what stands before the first colon of the key; `(none)` for keys without one. */
  readonly prefixes: readonly Rate[];
}

/** So many different names are counted; what comes then is counted together. */
const MOST = 10_000;
const OTHERS = '(others)';
const NO_PREFIX = '(none)';

/** Counts notifications by node, by event and by the prefix of the key. Bounded, however many prefixes there are. */
export class Rates {
  readonly #nodes = new Counts();
  readonly #events = new Counts();
  readonly #prefixes = new Counts();
  #total = 0;
  #told = 0;
  #toldAt: number;

  constructor(now: number) {
    this.#toldAt = now;
  }

  add({ node, event, key }: KeyNotification<Buffer>): void {
    this.#total++;
    this.#nodes.add(node);
    this.#events.add(event);
    this.#prefixes.add(prefixOf(key));
  }

  /** The rates since the last report. */
  report(now: number): RateReport {
    const elapsed = Math.max(now - this.#toldAt, 1) / 1_000;
    const heard = this.#total - this.#told;
    this.#told = this.#total;
    this.#toldAt = now;
    return {
      seconds: round(elapsed),
      perSecond: round(heard / elapsed),
      total: this.#total,
      nodes: this.#nodes.report(elapsed),
      events: this.#events.report(elapsed),
      prefixes: this.#prefixes.report(elapsed)
    };
  }
}

const COLON = 0x3a;

function prefixOf(key: Buffer): string {
  const colon = key.indexOf(COLON);
  return colon < 0 ? NO_PREFIX : `${key.toString('utf8', 0, colon)}:`;
}

/** A tenth is exact enough, and short in JSON. */
function round(value: number): number {
  return Math.round(value * 10) / 10;
}

class Counts {
  readonly #counts = new Map<string, { total: number; told: number }>();

  add(name: string): void {
    const count = this.#counts.get(name);
    if (count) count.total++;
    else if (this.#counts.size < MOST || name === OTHERS) this.#counts.set(name, { total: 1, told: 0 });
    else this.add(OTHERS);
  }

  report(elapsed: number): Rate[] {
    const rates = [...this.#counts].map(([name, count]) => {
      const perSecond = round((count.total - count.told) / elapsed);
      count.told = count.total;
      return { name, perSecond, total: count.total };
    });
    return rates.sort((a, b) => b.total - a.total || a.name.localeCompare(b.name));
  }
}
