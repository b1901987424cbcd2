import { ClientClosedError, ClientOfflineError, ErrorReply, MaxCommandRedirectionsError } from '@redis/client';
import { sleep, waitFor } from '../wait';
import type { LifeName, LifeSource, PlannedWrite } from './key-life';
import type { Ledger } from './ledger';
import { LifePool, type Life } from './life-pool';

/** The part of a cluster client of node-redis that the writers use. */
export interface StormClient {
  sendCommand(firstKey: string, isReadonly: boolean, args: (string | Buffer)[]): Promise<unknown>;
  /** Called when a write gets no answer: whoever can, looks for the nodes anew. */
  renew?(): void;
}

export interface WriterOptions {
  /** Writes a second, all together. @default 1_500 */
  readonly rate?: number;
  /** Every key starts so. @default 'storm:' */
  readonly prefix?: string;
  /** Of 1, how many writes go to the slots that the scenario moves. @default 0.5 */
  readonly focused?: number;
  /** How often each kind of life is chosen. */
  readonly weights?: Partial<Readonly<Record<LifeName, number>>>;
  /** Keys of each kind of endless life. @default 16 */
  readonly endless?: number;
  /** ms without an answer after which a write counts as unknown, and its key is left alone. @default 1_500 */
  readonly timeout?: number;
}

const DEFAULTS = { rate: 1_500, prefix: 'storm:', focused: 0.5, endless: 16, timeout: 1_500 };

const WEIGHTS: Readonly<Record<LifeName, number>> = {
  fresh: 55,
  counter: 20,
  hash: 8,
  returning: 7,
  expiring: 7,
  expiringField: 3
};

/** The options of those who do so much of the work, of 1: they have as many of the writes, and of the endless keys. */
export function shareOf(options: WriterOptions, share: number): WriterOptions {
  const { rate, endless } = { ...DEFAULTS, ...options };
  return { ...options, rate: rate * share, endless: Math.max(1, Math.round(endless * share)) };
}

/** ms between two looks at what is due. */
const TICK = 5;
/** Writes without an answer: no more are begun. */
const MAX_PENDING = 400;
/** A server's refusal, or the client's own before it has sent anything: the write was not done. */
const REFUSALS = [ErrorReply, MaxCommandRedirectionsError, ClientOfflineError, ClientClosedError];
/** The client was told by ASK of a node that it cannot see yet. */
const UNKNOWN_NODE = /^Cannot find node/;

const FLOOD = "for index = 1, ARGV[1] do redis.call('SET', KEYS[1] .. index, 'value') end";

/** Many concurrent writers; each key has one writer at a time, and every write is entered in the ledger. */
export class Writers {
  readonly #client: StormClient;
  readonly #ledger: Ledger;
  readonly #pool: LifePool;
  readonly #options: typeof DEFAULTS;
  #pending = 0;
  #running: Promise<void> | undefined;
  #isStopping = false;

  constructor(
    client: StormClient,
    ledger: Ledger,
    source: LifeSource,
    focus: readonly number[],
    { weights, ...options }: WriterOptions = {}
  ) {
    this.#client = client;
    this.#ledger = ledger;
    this.#options = { ...DEFAULTS, ...options };
    this.#pool = new LifePool(source, focus, { ...this.#options, weights: { ...WEIGHTS, ...weights } });
  }

  /** The keys that are counted on now: of each such key, the order of the writes can be checked. */
  get counters(): string[] {
    return this.#pool.counters;
  }

  get pending(): number {
    return this.#pending;
  }

  start(): void {
    this.#isStopping = false;
    this.#running ??= this.#run();
  }

  /** Resolves when the last write has got its answer, or its time is over. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#running;
    this.#running = undefined;
    await waitFor('the last answers', () => this.#pending === 0, { timeout: this.#options.timeout + 5_000 });
  }

  /** So many new keys in one slot, as fast as they can be written. */
  async fill(slot: number, count: number): Promise<void> {
    for (let done = 0; done < count; done += 100) {
      const lives = Array.from({ length: Math.min(100, count - done) }, () => this.#pool.begin('fresh', slot));
      await Promise.all(lives.map(life => this.#write(life)));
    }
  }

  /** So many new keys in one slot by one script, at the pace of the server; their names are `padding` characters long. */
  async flood(slot: number, { count, padding }: { count: number; padding: number }): Promise<void> {
    const { key } = this.#pool.begin('fresh', slot);
    const name = (index: number) => `${key}:${'x'.repeat(padding)}:${index}`;
    const sentAt = Date.now();
    const args = ['EVAL', FLOOD, '1', name(0).slice(0, -1), String(count)];
    const acknowledged = await this.#client.sendCommand(key, false, args).then(
      () => true,
      () => false
    );
    const answeredAt = Date.now();
    for (let index = 1; index <= count; index++) {
      this.#ledger.write({ key: name(index), events: ['set'], sentAt, answeredAt, acknowledged });
    }
  }

  async #run(): Promise<void> {
    let debt = 0;
    let last = performance.now();
    while (!this.#isStopping) {
      await sleep(TICK);
      const now = performance.now();
      // What a busy event loop has kept from being written is not made up for at once.
      debt = Math.min(debt + ((now - last) * this.#options.rate) / 1_000, Math.max(1, this.#options.rate / 10));
      last = now;
      for (; debt >= 1 && this.#pending < MAX_PENDING; debt--) {
        void this.#write(this.#pool.choose());
      }
    }
  }

  async #write(life: Life): Promise<void> {
    life.isBusy = true;
    const { value: write, done } = life.writes.next();
    if (done || !write) {
      this.#pool.retire(life);
      return;
    }
    this.#pending++;
    const isKnown = await this.#enter(life.key, write);
    this.#pending--;
    life.isBusy = false;
    if (!isKnown) {
      this.#pool.retire(life);
    }
  }

  /** False when nobody knows what has become of the write. */
  async #enter(key: string, { args, events, changed = () => true, later }: PlannedWrite): Promise<boolean> {
    const sentAt = Date.now();
    const record = (acknowledged: boolean) =>
      this.#ledger.write({ key, events, sentAt, answeredAt: Date.now(), acknowledged, later });
    try {
      const reply = await this.#answer(this.#client.sendCommand(key, false, [...args]));
      if (reply === undefined) {
        this.#client.renew?.();
        record(false);
        return false;
      }
      if (changed(reply.value)) {
        record(true);
      }
      return true;
    } catch (error) {
      if (isRefusal(error)) {
        this.#ledger.refused++;
        return true;
      }
      record(false);
      return false;
    }
  }

  /** Undefined when it does not come in time. */
  async #answer(reply: Promise<unknown>): Promise<{ readonly value: unknown } | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<undefined>(resolve => {
      timer = setTimeout(resolve, this.#options.timeout, undefined);
    });
    try {
      return await Promise.race([reply.then(value => ({ value })), silence]);
    } finally {
      clearTimeout(timer);
    }
  }
}

function isRefusal(error: unknown): boolean {
  return REFUSALS.some(refusal => error instanceof refusal) || UNKNOWN_NODE.test((error as Error).message);
}
