import type { NotificationKind } from '../protocol/channel';
import type { KeyspaceGap } from './gap';
import type { KeyNotification, NotificationKey } from './key-notification';
import { BoundedQueue, type OverflowPolicy } from './queue';
import type { AnyListener } from './subscription';

type Notification = KeyNotification<NotificationKey>;

interface Held {
  /** How many were queued before it, itself included. */
  readonly position: number;
  readonly notification: Notification;
  readonly channel: NotificationKey | undefined;
}

interface OutboxSettings {
  readonly interest: { readonly kind: NotificationKind };
  readonly listener: AnyListener | undefined;
  readonly highWaterMark: number;
  readonly overflow: OverflowPolicy;
}

interface OutboxHooks {
  /** A notification of this node was given up. */
  givenUp(node: string): void;
  gap(gap: KeyspaceGap): void;
  recovered(gap: KeyspaceGap): void;
  /** The queue was full and the policy is `end`. */
  overflown(): void;
}

/**
 * Hands notifications to the user: to a listener at once, unless it is still busy with an earlier one (its
 * promise has not settled), or to whoever iterates. What has to wait waits in a bounded queue. Promises that
 * user code is never called from within our bookkeeping twice at a time, and that what it throws is reported
 * and harms nobody else.
 */
export class Outbox {
  readonly #settings: OutboxSettings;
  readonly #report: (error: unknown) => void;
  readonly #hooks: OutboxHooks;
  readonly #queue: BoundedQueue<Held>;
  readonly #takers: (() => void)[] = [];
  readonly #fences: { readonly until: number; readonly resolve: () => void }[] = [];
  #started = false;
  #busy = false;
  #ended = false;
  #queued = 0;
  /** Since when something has been waiting (ms), while anything is. */
  #waitingSince = 0;
  #overflow: { readonly gap: KeyspaceGap; readonly before: number } | undefined;
  dropped = 0;

  constructor(settings: OutboxSettings, report: (error: unknown) => void, hooks: OutboxHooks) {
    this.#settings = settings;
    this.#report = report;
    this.#hooks = hooks;
    this.#queue = new BoundedQueue(
      settings.highWaterMark,
      settings.overflow,
      ({ notification: { key, database } }) => `${database}:${typeof key === 'string' ? key : key.toString('latin1')}`,
      ({ notification: { node } }) => hooks.givenUp(node)
    );
  }

  get size(): number {
    return this.#queue.size;
  }

  /** From here on the listener is called; what came before is handed over first. */
  start(): void {
    this.#started = true;
    this.#pump();
  }

  /** `channel` is what the listener is called with; nobody else asks for it. */
  put(notification: Notification, channel: NotificationKey | undefined): void {
    if (this.#ended) return;
    if (this.#settings.listener && this.#started && !this.#busy && this.#queue.size === 0) {
      this.#call(notification, channel);
      return;
    }
    if (this.#queue.size === 0) this.#waitingSince = Date.now();
    const dropped = this.#queue.push({ position: ++this.#queued, notification, channel });
    if (dropped) this.#onDropped(dropped, notification.node);
    this.#passFences();
    this.#takers.shift()?.();
  }

  /** @returns undefined when there is nothing more and never will be. */
  async take(max: number): Promise<Notification[] | undefined> {
    while (this.#queue.size === 0) {
      if (this.#ended) return undefined;
      await new Promise<void>(resolve => this.#takers.push(resolve));
    }
    const batch: Notification[] = [];
    while (batch.length < max && this.#queue.size) batch.push(this.#shift().notification);
    return batch;
  }

  /** Resolves when everything that is queued now has been handed to the listener; at once for an iterator. */
  handedOver(): Promise<void> {
    if (!this.#settings.listener || this.#queue.size === 0 || this.#ended) return Promise.resolve();
    return new Promise(resolve => this.#fences.push({ until: this.#queued, resolve }));
  }

  /** Nothing is taken any more; what is held is given up and told, unless it overflowed and an iterator reads on. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    if (!(this.#overflow && this.#settings.overflow === 'end' && !this.#settings.listener)) this.#giveUpHeld();
    for (const wake of this.#takers.splice(0)) wake();
    for (const { resolve } of this.#fences.splice(0)) resolve();
  }

  #giveUpHeld(): void {
    const dropped = this.#queue.size;
    const node = this.#queue.peek()?.notification.node;
    this.#queue.clear();
    if (node === undefined) return;
    const since = new Date(this.#waitingSince);
    this.#hooks.gap({ reason: 'closed', node, slots: [], since, until: undefined, dropped });
  }

  #pump(): void {
    while (this.#settings.listener && this.#started && !this.#busy && this.#queue.size) {
      const { notification, channel } = this.#shift();
      this.#call(notification, channel);
    }
    this.#passFences();
  }

  /** What was queued before a fence has been handed over, or given up, when the oldest held came after it. */
  #passFences(): void {
    if (!this.#fences.length) return;
    const oldest = this.#queue.peek()?.position ?? Infinity;
    while (this.#fences.length && this.#fences[0].until < oldest) this.#fences.shift()!.resolve();
  }

  #call(notification: Notification, channel: NotificationKey | undefined): void {
    const listener = this.#settings.listener!;
    let result: unknown;
    try {
      result = listener(notification as KeyNotification<never>, channel as never);
      if (typeof (result as PromiseLike<unknown> | undefined)?.then !== 'function') return;
    } catch (error) {
      this.#report(error);
      return;
    }
    this.#busy = true;
    void Promise.resolve(result)
      .catch((error: unknown) => this.#report(error))
      .then(() => {
        this.#busy = false;
        this.#pump();
      });
  }

  #shift(): Held {
    const held = this.#queue.shift()!;
    if (this.#overflow && !this.#ended && this.#queue.size <= this.#settings.highWaterMark / 2) this.#onDrained();
    return held;
  }

  #onDropped(dropped: number, node: string): void {
    this.dropped += dropped;
    if (this.#overflow) return;
    const gap: KeyspaceGap = { reason: 'overflow', node, slots: [], since: new Date(), until: undefined, dropped };
    this.#overflow = { gap, before: this.dropped - dropped };
    this.#hooks.gap(gap);
    if (this.#settings.overflow === 'end') this.#hooks.overflown();
  }

  #onDrained(): void {
    const { gap, before } = this.#overflow!;
    this.#overflow = undefined;
    this.#hooks.recovered({ ...gap, until: new Date(), dropped: this.dropped - before });
  }
}
