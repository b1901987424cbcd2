import { Ledger, type Account } from './ledger';
import { Random } from './random';
import { createStormClient } from './storm-client';
import { Writers } from './writers';
import type { Call, CallAnswer, WritingCalls, WritingOrders } from './writing-calls';

/** Histories in one message: it is read while notifications are still being heard. */
const PART = 2_000;

/** Writers, their ledger and their client. */
class Writing implements WritingCalls {
  readonly #ledger = new Ledger();
  #writers: Writers | undefined;

  async begin({ rootNodes, seed, focus, options, ...source }: WritingOrders): Promise<readonly string[]> {
    const client = await createStormClient({ rootNodes }).connect();
    this.#writers = new Writers(client, this.#ledger, { ...source, random: new Random(seed) }, focus, options);
    return this.#writers.counters;
  }

  start(): void {
    this.#writers?.start();
  }

  async stop(): Promise<void> {
    await this.#writers?.stop();
  }

  hasWrittenSince(...args: Parameters<Ledger['hasWrittenSince']>): boolean {
    return this.#ledger.hasWrittenSince(...args);
  }

  account(): Account {
    return this.#ledger.take(PART);
  }
}

/** What WritingProcess starts: it does what it is asked for until nobody can ask any more. */
function serve(calls: WritingCalls): void {
  const run = calls as unknown as Record<string, (...args: unknown[]) => unknown>;
  const answer = (message: CallAnswer) => process.send?.(message);
  process.on('message', ({ id, name, args }: Call) => {
    // Called in a promise, so that what throws is answered like what rejects.
    Promise.resolve()
      .then(() => run[name](...args))
      .then(
        value => answer({ id, value }),
        (error: unknown) => answer({ id, error: error instanceof Error ? error.message : String(error) })
      );
  });
  process.once('disconnect', () => process.exit());
}

serve(new Writing());
