import type { KeyNotification } from './delivery/key-notification';
import type { KeyspaceStream } from './delivery/stream';
import type { KeyspaceSubscription } from './delivery/subscription';
import type { KeyspaceNotifications } from './keyspace';
import type { KeyTarget } from './plan/target';
import type { EventName } from './protocol';
import type { SubscribeOptions } from './subscribe-call';

/** What keys, subkeys and channels are with and without `bufferMode`. */
export type KeyOf<BUFFER_MODE extends boolean> = BUFFER_MODE extends true ? Buffer : string;

/**
 * Called with each notification and the raw channel that brought it. The return value is ignored, but for
 * one thing: later notifications wait, in the bounded queue, until a returned promise settles. What it throws
 * or rejects with goes to the client's `error`.
 */
export type KeyspaceListener<KEY = string> = (notification: KeyNotification<KEY>, channel: KEY) => unknown;

type Targets = KeyTarget | readonly KeyTarget[];
type Events = EventName | readonly EventName[];
type Listener<B extends boolean> = KeyspaceListener<KeyOf<B>>;
type Stream<B extends boolean> = KeyspaceStream<KeyNotification<KeyOf<B>>>;

/**
 * What `withKeyspace` adds to a client, pool, cluster or sentinel. Every `subscribe…` resolves when all primaries
 * that own slots have confirmed, and rejects, leaving nothing behind, with a `KeyspaceArgumentError` (the call
 * is wrong), `KeyspaceRefusedError` (a server refused), `KeyspaceTimeoutError` (a node did not answer within
 * `subscribeTimeout`), or upstream's own error when the client is not connected.
 */
export interface KeyspaceApi {
  /** Hears what happens to keys: `set`, `del`, `expired`, … */
  subscribeKeyspace<B extends boolean = false>(
    target: Targets,
    listener: Listener<B>,
    options?: SubscribeOptions<B>
  ): Promise<KeyspaceSubscription<KeyOf<B>>>;
  /** Without a listener: a stream of the same, to be read with `for await`. */
  subscribeKeyspace<B extends boolean = false>(target: Targets, options?: SubscribeOptions<B>): Promise<Stream<B>>;

  /** Hears of all keys to which something happens: an event's name, or a glob such as `h*` or `*`. */
  subscribeKeyevent<B extends boolean = false>(
    event: Events,
    listener: Listener<B>,
    options?: SubscribeOptions<B>
  ): Promise<KeyspaceSubscription<KeyOf<B>>>;
  /** Without a listener: a stream of the same, to be read with `for await`. */
  subscribeKeyevent<B extends boolean = false>(event: Events, options?: SubscribeOptions<B>): Promise<Stream<B>>;

  /** Hears what happens to the fields of hashes, by key (Redis >= 8.8). */
  subscribeSubkeyspace<B extends boolean = false>(
    target: Targets,
    listener: Listener<B>,
    options?: SubscribeOptions<B>
  ): Promise<KeyspaceSubscription<KeyOf<B>>>;
  /** Without a listener: a stream of the same, to be read with `for await`. */
  subscribeSubkeyspace<B extends boolean = false>(target: Targets, options?: SubscribeOptions<B>): Promise<Stream<B>>;

  /** Hears of all fields to which something happens, by event (Redis >= 8.8). */
  subscribeSubkeyevent<B extends boolean = false>(
    event: Events,
    listener: Listener<B>,
    options?: SubscribeOptions<B>
  ): Promise<KeyspaceSubscription<KeyOf<B>>>;
  /** Without a listener: a stream of the same, to be read with `for await`. */
  subscribeSubkeyevent<B extends boolean = false>(event: Events, options?: SubscribeOptions<B>): Promise<Stream<B>>;

  /** Hears what happens to single fields (Redis >= 8.8). Servers say nothing here of keys that contain a newline. */
  subscribeSubkeyspaceItem<B extends boolean = false>(
    target: Targets,
    subkey: Targets,
    listener: Listener<B>,
    options?: SubscribeOptions<B>
  ): Promise<KeyspaceSubscription<KeyOf<B>>>;
  /** Without a listener: a stream of the same, to be read with `for await`. */
  subscribeSubkeyspaceItem<B extends boolean = false>(
    target: Targets,
    subkey: Targets,
    options?: SubscribeOptions<B>
  ): Promise<Stream<B>>;

  /** Hears which fields of a key an event concerns (Redis >= 8.8). */
  subscribeSubkeyspaceEvent<B extends boolean = false>(
    event: Events,
    target: Targets,
    listener: Listener<B>,
    options?: SubscribeOptions<B>
  ): Promise<KeyspaceSubscription<KeyOf<B>>>;
  /** Without a listener: a stream of the same, to be read with `for await`. */
  subscribeSubkeyspaceEvent<B extends boolean = false>(
    event: Events,
    target: Targets,
    options?: SubscribeOptions<B>
  ): Promise<Stream<B>>;

  /** Ends what was subscribed by key: of these targets, with this listener; without arguments all. */
  unsubscribeKeyspace(target?: Targets, listener?: KeyspaceListener<never>): Promise<void>;
  /** Ends what was subscribed by event: of these events, with this listener; without arguments all. */
  unsubscribeKeyevent(event?: Events, listener?: KeyspaceListener<never>): Promise<void>;
  /** Ends what was subscribed by `subscribeSubkeyspace`, as `unsubscribeKeyspace` does. */
  unsubscribeSubkeyspace(target?: Targets, listener?: KeyspaceListener<never>): Promise<void>;
  /** Ends what was subscribed by `subscribeSubkeyevent`, as `unsubscribeKeyevent` does. */
  unsubscribeSubkeyevent(event?: Events, listener?: KeyspaceListener<never>): Promise<void>;
  /** Ends what was subscribed by `subscribeSubkeyspaceItem`, by its keys. */
  unsubscribeSubkeyspaceItem(target?: Targets, listener?: KeyspaceListener<never>): Promise<void>;
  /** Ends what was subscribed by `subscribeSubkeyspaceEvent`, by its events. */
  unsubscribeSubkeyspaceEvent(event?: Events, listener?: KeyspaceListener<never>): Promise<void>;

  /** What concerns all keyspace subscriptions of this client: `status()`, `check()`, `enable()`, `fence()`, events. */
  readonly keyspace: KeyspaceNotifications;
}
