import type { Registry, Want } from '../plan/registry';
import { parseNotification, type ParsedNotification } from '../protocol/notification';
import type { Subscription } from './subscription';
import type { NodeCounts } from './tally';

/** The node that said it, as far as delivery has to know. */
export interface Speaker {
  readonly address: string;
  readonly counts: NodeCounts;
  /** Is this channel or pattern confirmed there? */
  isActive(want: Want<Subscription>): boolean;
}

/** One message of a node, parsed once. */
export interface Message {
  readonly node: Speaker;
  readonly want: Want<Subscription>;
  readonly channel: Buffer;
  readonly notification: ParsedNotification;
  /** The how-many-th message it is, of all nodes together, in the order of arrival. */
  readonly number: number;
}

/**
 * From a message to the subscriptions that it concerns. Promises that a notification reaches a subscription
 * once, by however many of its channels and patterns the server sent it.
 */
export class Dispatcher {
  readonly #registry: Registry<Subscription>;
  /** Messages that were no notification: malformed, forged, or for a name that nobody wants any more. */
  ignored = 0;
  /** How many messages have been parsed. */
  parsed = 0;
  /** Most messages come by the same pattern as the one before: comparing is cheaper than looking up. */
  #lastPattern: Want<Subscription> | undefined;

  constructor(registry: Registry<Subscription>) {
    this.#registry = registry;
  }

  /** @returns undefined for what is no notification, or not ours. */
  parse(node: Speaker, pattern: Buffer | undefined, channel: Buffer, payload: Buffer): Message | undefined {
    const want = pattern ? this.#findPattern(pattern) : this.#registry.channels.get(channel.toString('latin1'));
    const notification = want && parseNotification(channel, payload);
    if (!notification) {
      this.ignored++;
      return undefined;
    }
    return { node, want, channel, notification, number: ++this.parsed };
  }

  dispatch(message: Message): void {
    const { subscribers } = message.want;
    if (subscribers.length === 1) {
      this.#offer(subscribers[0], message);
      return;
    }
    // A copy, since a listener may subscribe and unsubscribe.
    for (const subscription of subscribers.slice()) this.#offer(subscription, message);
  }

  /** What the move of a key said of itself: only for those that asked for it. */
  dispatchPhantom(message: Message): void {
    for (const subscription of message.want.subscribers.slice()) {
      if (subscription.settings.showMigration) this.#offer(subscription, message);
    }
  }

  #findPattern(pattern: Buffer): Want<Subscription> | undefined {
    const last = this.#lastPattern;
    // One without subscribers is not in the registry any more.
    if (last?.subscribers.length && sameBytes(last.bytes, pattern)) return last;
    return (this.#lastPattern = this.#registry.patterns.get(pattern.toString('latin1')));
  }

  #offer(subscription: Subscription, message: Message): void {
    if (subscription.hasOneName || this.#isFirst(subscription, message)) subscription.deliver(message);
  }

  /**
   * Of the names of this subscription that brought the same message, the exact channel speaks, or else the
   * first pattern; only those that are confirmed at this node count, since no other brings anything.
   */
  #isFirst(subscription: Subscription, { node, want, channel }: Message): boolean {
    if (!want.pattern) return true;
    const exact = this.#registry.channels.get(channel.toString('latin1'));
    if (exact && exact.subscribers.includes(subscription) && node.isActive(exact)) return false;
    for (const name of subscription.patterns) {
      if (name.want === want) return true;
      if (node.isActive(name.want) && name.matches(channel, 0, channel.length)) return false;
    }
    return true;
  }
}

/** For a few bytes a loop is quicker than `Buffer.equals`, which leaves JavaScript. */
function sameBytes(a: Buffer, b: Buffer): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false;
  return true;
}
