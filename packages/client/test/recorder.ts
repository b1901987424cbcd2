import assert from 'node:assert/strict';
import type { EventEmitter } from 'node:events';
import type { KeyNotification, KeyspaceGap, SubscriptionEvents } from '../index';

/** One line of what a subscription told, in its order. */
export type JournalEntry =
  | { readonly type: 'notification'; readonly notification: KeyNotification }
  | { readonly type: 'gap' | 'recovered'; readonly gap: KeyspaceGap };

/** A listener that writes down what it hears, and what its subscription tells of gaps. */
export class Recorder {
  readonly journal: JournalEntry[] = [];

  readonly listen = (notification: KeyNotification): void => {
    this.journal.push({ type: 'notification', notification });
  };

  /** Writes down the gaps of this subscription too, and gives it back. */
  follow<T extends EventEmitter<SubscriptionEvents>>(subscription: T): T {
    subscription.on('gap', gap => this.journal.push({ type: 'gap', gap }));
    subscription.on('recovered', gap => this.journal.push({ type: 'recovered', gap }));
    return subscription;
  }

  get heard(): KeyNotification[] {
    return this.journal.flatMap(entry => (entry.type === 'notification' ? [entry.notification] : []));
  }

  get gaps(): KeyspaceGap[] {
    return this.journal.flatMap(entry => (entry.type === 'gap' ? [entry.gap] : []));
  }

  get recovered(): KeyspaceGap[] {
    return this.journal.flatMap(entry => (entry.type === 'recovered' ? [entry.gap] : []));
  }

  /** The events of a key, in the order heard. */
  eventsOf(key: string): string[] {
    return this.heard.filter(notification => notification.key === key).map(({ event }) => event);
  }

  hears(key: string, event?: string): boolean {
    return this.heard.some(
      notification => notification.key === key && (event === undefined || notification.event === event)
    );
  }

  hearsAll(keys: readonly string[], event?: string): boolean {
    return keys.every(key => this.hears(key, event));
  }

  /** Which node said each key. */
  nodes(): Set<string> {
    return new Set(this.heard.map(({ node }) => node));
  }

  /** How often each key was heard, with this event or with any. */
  tally(event?: string): Map<string, number> {
    const tally = new Map<string, number>();
    for (const notification of this.heard) {
      if (event !== undefined && notification.event !== event) continue;
      tally.set(notification.key, (tally.get(notification.key) ?? 0) + 1);
    }
    return tally;
  }

  /** Exactly these keys were heard, each once. */
  assertOnceEach(keys: readonly string[], event?: string): void {
    assert.deepEqual(this.tally(event), new Map(keys.map(key => [key, 1])));
  }

  /** Whatever else was heard: each of these keys was, once. */
  assertOnceOf(keys: readonly string[], event?: string): void {
    const tally = this.tally(event);
    assert.deepEqual(new Map(keys.map(key => [key, tally.get(key) ?? 0])), new Map(keys.map(key => [key, 1])));
  }

  clear(): void {
    this.journal.length = 0;
  }
}
