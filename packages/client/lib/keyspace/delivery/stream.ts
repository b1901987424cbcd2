import { KeyspaceArgumentError } from '../errors';
import type { KeyNotification, NotificationKey } from './key-notification';
import { Subscription, type KeyspaceSubscription } from './subscription';

/** A subscription without a listener: read it with `for await`. Several readers share what comes. */
export interface KeyspaceStream<N = KeyNotification>
  extends KeyspaceSubscription<N extends KeyNotification<infer KEY> ? KEY : string>, AsyncIterable<N> {
  /**
   * For volume: at each turn all that is there, at least one and at most `max`.
   * @throws {KeyspaceArgumentError} `max` is not a whole number >= 1.
   */
  batches(options?: {
    /** The most notifications in one batch. @default the subscription's `highWaterMark` */
    max?: number;
  }): AsyncIterable<readonly N[]>;
}

type Notification = KeyNotification<NotificationKey>;

/** Leaving the loop, by `break`, `return` or an error, ends the subscription. */
export class StreamSubscription extends Subscription implements KeyspaceStream<Notification> {
  async *[Symbol.asyncIterator](): AsyncGenerator<Notification, void, void> {
    for await (const [notification] of this.#read(1)) yield notification;
  }

  batches({ max = this.settings.highWaterMark }: { max?: number } = {}): AsyncIterable<readonly Notification[]> {
    if (!Number.isInteger(max) || max < 1) throw new KeyspaceArgumentError('max', 'a whole number >= 1', max);
    return this.#read(max);
  }

  async *#read(max: number): AsyncGenerator<readonly Notification[], void, void> {
    try {
      for (;;) {
        const batch = await this.outbox.take(max);
        if (!batch) return;
        yield batch;
      }
    } finally {
      await this.unsubscribe();
    }
  }
}
