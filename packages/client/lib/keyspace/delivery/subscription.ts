import { EventEmitter } from 'node:events';
import { KeyspaceClosedError } from '../errors';
import type { Interest, InterestName } from '../plan/interest';
import type { Want } from '../plan/registry';
import type { Matcher } from '../plan/target';
import { compileGlob } from '../protocol/glob';
import type { Message } from './dispatcher';
import { makeFilter } from './filter';
import type { GapListener, KeyspaceGap } from './gap';
import { toBuffers, toStrings, type KeyNotification, type NotificationKey } from './key-notification';
import { Outbox } from './outbox';
import type { OverflowPolicy } from './queue';
import { parseRescan, type RescanCall, type RescanOptions } from './rescan-call';

/** What of the keyspace a subscription hears at the moment. */
export interface KeyspaceCoverage {
  /** How many of the slots that it is about are heard; 16,384 is the whole keyspace, also without a cluster. */
  readonly slots: number;
  /** `host:port` of the primaries that are heard. */
  readonly nodes: readonly string[];
  /** True when every slot that it is about is heard. */
  readonly complete: boolean;
}

/** What a subscription tells about itself. None of it is fatal when nobody listens. */
export interface SubscriptionEvents {
  /** Notifications may be missing from now on: flush, or note the slots and rescan after `recovered`. */
  gap: [gap: KeyspaceGap];
  /** The gap is over; told before the first new notification. */
  recovered: [gap: KeyspaceGap];
  /** Nothing will come any more: unsubscribed, aborted, overflown with `end`, or the client was closed. */
  end: [];
}

/** A subscription that stands until it is ended: by `unsubscribe()`, `await using`, its signal or the client. */
export interface KeyspaceSubscription<KEY = string> extends EventEmitter<SubscriptionEvents>, AsyncDisposable {
  /** Ends it. Idempotent; nothing is delivered after it resolves. */
  unsubscribe(): Promise<void>;
  /**
   * Resolves when every notification caused by a write that was acknowledged, to anyone, before the call has
   * been handed to the listener or to the iterator's queue; waits for nodes that are being reconnected.
   * @throws {KeyspaceTimeoutError} a node did not answer within `subscribeTimeout`.
   * @throws {KeyspaceClosedError} the subscription has ended.
   */
  fence(): Promise<void>;
  /**
   * The keys, in the slots of a gap, that this subscription is about: to look up again what may have changed
   * unheard. Best begun at `recovered`: what is written from then on is heard. Without `keys` a subscription by
   * event is about all keys. The servers are asked node by node, one step at a time as the iteration goes on, by
   * SCAN with this subscription's patterns and by EXISTS for exact keys, on a connection of its own that is closed
   * afterwards. A slot that moves meanwhile is followed.
   *
   * No key is missed that existed from the call to the end, whatever moved meanwhile; a key may come twice; one
   * that was made or deleted meanwhile may come or not. A key that is gone never comes: what you hold of the
   * slots and were not told is gone. Keys are as notifications have them: strings, or Buffers with `bufferMode`,
   * without the client's `keyPrefix`; of several databases, not told apart.
   * @throws {KeyspaceArgumentError} at once: not a gap, or wrong options.
   * @throws {KeyspaceTimeoutError} while iterating: a node did not answer for `subscribeTimeout`.
   * @throws {KeyspaceClosedError} while iterating: the subscription has ended.
   * @throws {KeyspaceError} while iterating: a server refused to be scanned, with its `ErrorReply` as `cause`.
   */
  rescan(gap: Pick<KeyspaceGap, 'slots'>, options?: RescanOptions): AsyncIterable<KEY>;
  /** What is heard at the moment. */
  readonly coverage: KeyspaceCoverage;
  /** How many notifications were given up because the queue was full. */
  readonly dropped: number;
}

/** Whoever follows what is delivered besides the listeners, and is told only while there is anybody. */
export interface DeliveryTap {
  /** Asked for each notification: a `Channel` itself, since whatever is put before it can be measured. */
  readonly channel: { readonly hasSubscribers: boolean };
  publish(notification: KeyNotification<NotificationKey>): void;
}

/** What a subscription needs from the client that it belongs to. */
export interface SubscriptionOwner {
  readonly tap: DeliveryTap;
  /** A full queue has given up a notification of this node. */
  givenUp(node: string): void;
  unsubscribe(subscription: Subscription): Promise<void>;
  fence(): Promise<void>;
  rescan(subscription: Subscription, call: RescanCall): AsyncIterable<NotificationKey>;
  coverage(subscription: Subscription): KeyspaceCoverage;
  /** Where errors of user code go. */
  report(error: unknown): void;
}

/** `(notification, channel) => …`; a returned promise holds back later notifications until it settles. */
export type AnyListener = (notification: KeyNotification<never>, channel: never) => unknown;

export interface SubscriptionSettings {
  readonly interest: Interest;
  readonly names: readonly InterestName[];
  readonly listener: AnyListener | undefined;
  readonly bufferMode: boolean;
  readonly showMigration: boolean;
  readonly highWaterMark: number;
  readonly overflow: OverflowPolicy;
  readonly abortSignal: AbortSignal | undefined;
}

/** The handle that `subscribe…` resolves with, and what the dispatcher delivers to. */
export class Subscription
  extends EventEmitter<SubscriptionEvents>
  implements KeyspaceSubscription<NotificationKey>, GapListener
{
  readonly settings: SubscriptionSettings;
  readonly outbox: Outbox;
  readonly #owner: SubscriptionOwner;
  readonly #channel: DeliveryTap['channel'];
  readonly #filter: ReturnType<typeof makeFilter>;
  readonly #prefixLength: number;
  readonly #names = new Map<Want<Subscription>, InterestName>();
  #patterns: readonly { readonly want: Want<Subscription>; readonly matches: Matcher }[] = [];
  #checked = false;
  #ended = false;
  #unsubscribed: Promise<void> | undefined;
  received = 0;

  constructor(settings: SubscriptionSettings, owner: SubscriptionOwner) {
    super();
    this.settings = settings;
    this.#owner = owner;
    this.#channel = owner.tap.channel;
    const { prefix, keys, events, kind } = settings.interest;
    const byKey = kind === 'keyspace' || kind === 'subkeyspace' || kind === 'subkeyspaceitem';
    const byEvent = kind === 'keyevent' || kind === 'subkeyevent';
    this.#filter = makeFilter({
      events: byKey ? events : undefined,
      keys: byEvent ? keys : undefined,
      prefix: byEvent ? prefix : NO_BYTES
    });
    this.#prefixLength = prefix.length;
    this.outbox = new Outbox(settings, error => owner.report(error), {
      givenUp: node => owner.givenUp(node),
      gap: gap => this.openGap(gap),
      recovered: gap => this.closeGap(gap),
      overflown: () => void this.unsubscribe()
    });
  }

  get wants(): Iterable<Want<Subscription>> {
    return this.#names.keys();
  }

  get patterns(): readonly { readonly want: Want<Subscription>; readonly matches: Matcher }[] {
    return this.#patterns;
  }

  get hasOneName(): boolean {
    return this.#names.size === 1;
  }

  get isEnded(): boolean {
    return this.#ended;
  }

  get coverage(): KeyspaceCoverage {
    return this.#owner.coverage(this);
  }

  get dropped(): number {
    return this.outbox.dropped;
  }

  /** @internal Binds the names to what the registry made of them. */
  bind(names: readonly InterestName[], wants: readonly Want<Subscription>[]): void {
    // Both are in the same order; a name that came before has no want here, so that nothing is looked up.
    let next = 0;
    for (const name of names) {
      const want = wants[next];
      if (!want || want.pattern !== name.pattern || !(want.bytes === name.bytes || want.bytes.equals(name.bytes)))
        continue;
      this.#names.set(want, name);
      next++;
    }
    this.#index();
  }

  /** @internal Takes out the names of some targets. @returns their wants. */
  unbind(targets: ReadonlySet<string>): Want<Subscription>[] {
    const wants: Want<Subscription>[] = [];
    for (const [want, name] of this.#names) {
      if (!targets.has(name.target.id)) continue;
      this.#names.delete(want);
      wants.push(want);
    }
    this.#index();
    return wants;
  }

  /** @internal */
  deliver({ node, want, channel, notification }: Message): void {
    if (this.#ended) return;
    if (this.#checked && this.#names.get(want)?.check?.(notification) === false) return;
    if (this.#filter && !this.#filter(notification)) return;
    this.received++;
    node.counts.delivered++;
    const { bufferMode, listener } = this.settings;
    if (bufferMode) {
      this.#hand(toBuffers(notification, this.#prefixLength, node.address), channel);
    } else {
      // Only a listener is told the channel.
      const text = listener && channel.toString();
      this.#hand(toStrings(notification, this.#prefixLength, node.address, text), text);
    }
  }

  /** @internal Told by the ledger: this subscription may miss something. */
  openGap(gap: KeyspaceGap): void {
    this.#emit('gap', gap);
  }

  /** @internal */
  closeGap(gap: KeyspaceGap): void {
    this.#emit('recovered', gap);
  }

  /** @internal Nothing is delivered from here on. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.outbox.end();
    this.#emit('end');
  }

  unsubscribe(): Promise<void> {
    return (this.#unsubscribed ??= this.#owner.unsubscribe(this));
  }

  async fence(): Promise<void> {
    if (this.#ended) throw new KeyspaceClosedError('the subscription');
    await this.#owner.fence();
    await this.outbox.handedOver();
  }

  rescan(gap: Pick<KeyspaceGap, 'slots'>, options?: RescanOptions): AsyncIterable<NotificationKey> {
    return this.#owner.rescan(this, parseRescan(gap, options));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.unsubscribe();
  }

  #hand(notification: KeyNotification<NotificationKey>, channel: NotificationKey | undefined): void {
    if (this.#channel.hasSubscribers) this.#owner.tap.publish(notification);
    this.outbox.put(notification, channel);
  }

  #index(): void {
    this.#checked = [...this.#names.values()].some(name => name.check);
    const patterns = this.#names.size < 2 ? [] : [...this.#names.keys()].filter(want => want.pattern);
    this.#patterns = patterns.map(want => ({ want, matches: compileGlob(want.bytes) }));
  }

  #emit<E extends keyof SubscriptionEvents>(event: E, ...args: SubscriptionEvents[E]): void {
    try {
      (this.emit as (event: E, ...args: SubscriptionEvents[E]) => boolean).call(this, event, ...args);
    } catch (error) {
      this.#owner.report(error);
    }
  }
}

const NO_BYTES = Buffer.alloc(0);
