import type { SlotRange } from '../cluster/slot-ranges';
import type { Ledger } from './ledger';
import type { WritingOrders } from './writing-calls';
import { WritingProcess } from './writing-process';

/**
 * Writers in a process of their own: they write on while our event loop is busy, as those of production do. They
 * say nothing while they write; what they have entered in their own ledger is asked for when they have stopped.
 */
export class OutsideWriters {
  readonly #process: WritingProcess;
  /** The keys that were counted on before the first write. */
  readonly counters: readonly string[];

  private constructor(process: WritingProcess, counters: readonly string[]) {
    this.#process = process;
    this.counters = counters;
  }

  /** Resolves when they are connected and know their first keys. */
  static async open(orders: WritingOrders): Promise<OutsideWriters> {
    const process = new WritingProcess();
    try {
      return new OutsideWriters(process, await process.call('begin', orders));
    } catch (error) {
      await process.kill();
      throw error;
    }
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  async start(): Promise<void> {
    await this.#process.call('start');
  }

  /** Resolves when the last write has got its answer, or its time is over, and all of them are in that ledger. */
  async stop(ledger: Ledger): Promise<void> {
    await this.#process.call('stop');
    for (;;) {
      const account = await this.#process.call('account');
      ledger.merge(account);
      if (account.histories.length === 0) {
        return;
      }
    }
  }

  /** See Ledger: this one is asked while they write. */
  hasWrittenSince(time: number, slots: readonly SlotRange[]): Promise<boolean> {
    return this.#process.call('hasWrittenSince', time, slots);
  }

  /** They write no more, and what has not been entered is lost. */
  async close(): Promise<void> {
    await this.#process.kill();
  }
}
