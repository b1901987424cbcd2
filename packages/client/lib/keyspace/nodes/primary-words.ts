import type { Message } from '../delivery/dispatcher';
import type { Subscription } from '../delivery/subscription';
import type { Want } from '../plan/registry';
import type { NotificationKind } from '../protocol/channel';
import { compileGlob } from '../protocol/glob';
import { renamed, type ParsedNotification } from '../protocol/notification';
import { REPLICA_WORDS } from '../protocol/replica-words';
import { printOf } from './word';

/** A word that only primaries say, of a node that has been promoted, by its event's own channel. */
export interface PrimaryWord {
  readonly channel: Buffer;
  readonly notification: ParsedNotification;
  /** How much the node had said by then. */
  readonly at: number;
}

/** What is subscribed at the new primary, and since when. */
export interface Ears {
  readonly wanted: Iterable<Want<Subscription>>;
  /** How much the node had said when the name was confirmed; Infinity when it is not. */
  activeSince(want: Want<Subscription>): number;
}

/** Families of channels that are named by the event. */
const BY_EVENT: ReadonlySet<NotificationKind> = new Set(['keyevent', 'subkeyevent', 'subkeyspaceevent']);
const REPLICAS: ReadonlySet<string> = new Set(REPLICA_WORDS.values());

/** Does a demoted node say it to the same name? `expired` it calls `del`: to whom only hears `expired`, it says nothing. */
export function isRepeated({ want, channel, notification: { kind, event } }: Message): boolean {
  const word = REPLICA_WORDS.get(event);
  return word === undefined || !BY_EVENT.has(kind) || hears(want, renamedChannel(channel, event, word));
}

/**
 * What a new primary said and was not heard to say, in its own words, from the words of a replica and those of its own
 * that only primaries say. Of each key and name there must be as many of either, or none of the primary's.
 * @returns undefined when it cannot be known.
 */
export function inPrimaryWords(
  missed: readonly Message[],
  said: readonly PrimaryWord[],
  ears: Ears
): readonly Message[] | undefined {
  const told: Message[] = [];
  const counts = countsOf(missed);
  const taken = new Map<string, number>();
  for (const message of missed) {
    const { want, notification, channel } = message;
    const { event, kind } = notification;
    const id = REPLICAS.has(event) ? idOf(message) : undefined;
    const own = id === undefined ? [] : said.filter(word => isSame(word, message) && word.at <= ears.activeSince(want));
    if (id === undefined || !own.length) {
      // No word of a primary has come at all: maybe the server says none by event.
      if (event === 'srem' && !said.length) return undefined;
      told.push(message);
      continue;
    }
    if (own.length !== counts.get(id)) return undefined;
    const at = taken.get(id) ?? 0;
    taken.set(id, at + 1);
    const word = own[at].notification.event;
    if (!BY_EVENT.has(kind)) told.push({ ...message, notification: renamed(notification, word) });
    else {
      const other = renamedChannel(channel, event, word);
      if (hears(want, other)) told.push({ ...message, channel: other, notification: renamed(notification, word) });
    }
  }
  const unheard = heardOtherwise(said, ears);
  return unheard && [...unheard, ...told];
}

/** What is said to names that a replica says nothing to. */
function heardOtherwise(said: readonly PrimaryWord[], ears: Ears): Message[] | undefined {
  const messages: Message[] = [];
  if (!said.length) return messages;
  for (const want of ears.wanted) {
    if (want.text.startsWith('__subkey') && said.some(({ notification: { event } }) => event === 'hexpired'))
      return undefined;
    if (!want.text.startsWith('__keyevent@')) continue;
    for (const { channel, notification, at } of said) {
      if (at > ears.activeSince(want) || !hears(want, channel)) continue;
      const { event } = notification;
      if (hears(want, renamedChannel(channel, event, REPLICA_WORDS.get(event)!))) continue;
      messages.push({ want, channel, notification } as Message);
    }
  }
  return messages;
}

function countsOf(missed: readonly Message[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const message of missed) {
    const id = idOf(message);
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
}

/** The name, the key and the word. */
function idOf(message: Message): string {
  return `${message.want.id} ${printOf(message)} ${message.notification.event}`;
}

function isSame({ notification }: PrimaryWord, message: Message): boolean {
  return (
    REPLICA_WORDS.get(notification.event) === message.notification.event &&
    printOf({ notification }) === printOf(message)
  );
}

function hears(want: Want<Subscription>, channel: Buffer): boolean {
  if (!want.pattern) return want.bytes.equals(channel);
  return compileGlob(want.bytes)(channel, 0, channel.length);
}

function renamedChannel(channel: Buffer, event: string, word: string): Buffer {
  return Buffer.from(channel.toString('latin1').replace(`:${event}`, `:${word}`), 'latin1');
}
