import type { TestCluster } from '../cluster/test-cluster';
import type { SlotRange } from '../cluster/slot-ranges';
import { TestKitUsageError, quote } from '../errors';
import type { LifeSource } from './key-life';
import type { Ledger } from './ledger';
import { OutsideWriters } from './outside-writers';
import { Writers, shareOf, type StormClient, type WriterOptions } from './writers';
import type { WritingOrders } from './writing-calls';

export interface CrewOptions extends WriterOptions {
  /**
   * Of 1, how many of the writes come from a process of its own. These go on while our event loop is busy, as
   * production does; with 0 there is no such process. @default 0.7
   */
  readonly outside?: number;
}

const DEFAULTS = { outside: 0.7, prefix: 'storm:' };

/** All who write in a storm: some here, where steps can use them, and most outside. */
export class Crew {
  readonly prefix: string;
  readonly here: Writers;
  readonly #ledger: Ledger;
  readonly #share: number;
  readonly #orders: WritingOrders;
  #outside: OutsideWriters | undefined;

  constructor(
    { rootNodes }: Pick<TestCluster, 'rootNodes'>,
    client: StormClient,
    ledger: Ledger,
    { random, ...source }: LifeSource,
    focus: readonly number[],
    options: CrewOptions = {}
  ) {
    const { outside, ...writing } = { ...DEFAULTS, ...options };
    if (!(outside >= 0 && outside <= 1)) {
      throw new TestKitUsageError(`The share of the writes from outside is from 0 to 1, not ${quote(outside)}`);
    }
    this.prefix = writing.prefix;
    this.#ledger = ledger;
    this.#share = outside;
    this.here = new Writers(client, ledger, { ...source, random: random.fork() }, focus, shareOf(writing, 1 - outside));
    // Keys of their own: each key has one writer.
    const theirs = { ...writing, prefix: `${writing.prefix}outside:` };
    this.#orders = { ...source, rootNodes, focus, seed: random.seed(), options: shareOf(theirs, outside) };
  }

  /** The process id of those outside. */
  get pid(): number | undefined {
    return this.#outside?.pid;
  }

  /** Before the first write, all keys that will be counted on: of each such key, the order of the writes can be checked. */
  get counters(): string[] {
    return [...this.here.counters, ...(this.#outside?.counters ?? [])];
  }

  /** Resolves when those outside are ready. */
  async open(): Promise<void> {
    if (this.#share > 0) {
      this.#outside = await OutsideWriters.open(this.#orders);
    }
  }

  async start(): Promise<void> {
    this.here.start();
    await this.#outside?.start();
  }

  /** Resolves when the last write has got its answer, or its time is over, and is in the ledger. */
  async stop(): Promise<void> {
    const ends = await Promise.allSettled([this.here.stop(), this.#outside?.stop(this.#ledger)]);
    for (const end of ends) {
      if (end.status === 'rejected') {
        throw end.reason;
      }
    }
  }

  /** Whether a write of one of these slots was sent after that time, and acknowledged, here and outside. */
  async hasWrittenSince(time: number, slots: readonly SlotRange[]): Promise<boolean> {
    const isWrittenHere = this.#share === 1 || this.#ledger.hasWrittenSince(time, slots);
    return isWrittenHere && (await this.#outside?.hasWrittenSince(time, slots)) !== false;
  }

  /** Those outside write no more, also when nobody has stopped them. */
  async close(): Promise<void> {
    await this.#outside?.close();
  }
}
