import calculateSlot from 'cluster-key-slot';
import type { ParsedNotification } from '../protocol/notification';
import {
  keyeventChannel,
  keyspaceChannel,
  subkeyeventChannel,
  subkeyspaceChannel,
  subkeyspaceeventChannel,
  subkeyspaceitemChannel,
  type ChannelName,
  type DatabaseSelector,
  type NotificationKind
} from '../protocol/channel';
import { REPLICA_WORDS } from '../protocol/replica-words';
import type { WantedName } from './registry';
import { prefixTarget, type Target } from './target';

/** What one subscription is about, before it is known which servers have to be asked. */
export interface Interest {
  readonly kind: NotificationKind;
  readonly databases: readonly DatabaseSelector[];
  readonly keys: readonly Target[] | undefined;
  readonly events: readonly Target[] | undefined;
  readonly subkeys: readonly Target[] | undefined;
  /** The client's `keyPrefix`; empty when there is none or it is not to be applied. */
  readonly prefix: Buffer;
  /** In a cluster keys move from node to node. */
  readonly isSharded: boolean;
}

/** Does this notification really concern the name by which it came? */
export type NameCheck = (notification: ParsedNotification) => boolean;

export interface InterestName extends WantedName {
  /** What it stands for: of a key and an event, or a key and a subkey, the one that `unsubscribe…` takes. */
  readonly target: Target;
  /** Missing where the server's own match is proof enough. */
  readonly check: NameCheck | undefined;
}

/**
 * The channels and patterns that an interest needs: one per target and database, in a stable order, exact
 * channels before patterns. The names are a contract with operators, whose ACL rules must equal them byte
 * for byte.
 */
export function namesOf(interest: Interest): InterestName[] {
  const keys = interest.keys?.map(key => prefixTarget(key, interest.prefix));
  const names: InterestName[] = [];
  for (const database of interest.databases) {
    for (const parts of combinations(interest.kind, { ...interest, keys })) {
      names.push(nameOf(interest.kind, database, parts));
    }
    names.push(...companionsOf(interest, database));
  }
  return names.sort((a, b) => Number(a.pattern) - Number(b.pattern));
}

const DEL = Buffer.from('del');
const RESTORE = Buffer.from('restore');

/**
 * Of a key that MIGRATE moves the source says `del` and the target `restore`: whoever hears `del` by its event has
 * to hear the other half too, or could not tell it from a user's. It is never delivered.
 */
function companionsOf({ kind, events = [], isSharded }: Interest, database: DatabaseSelector): InterestName[] {
  if (kind !== 'keyevent' || !isSharded) return [];
  const hears = (name: Buffer) => events.find(event => event.matches(name, 0, name.length));
  const target = hears(DEL);
  if (!target || hears(RESTORE)) return [];
  return [{ ...keyeventChannel(database, { literal: RESTORE }), slot: undefined, target, check: () => false }];
}

/**
 * What a replica says instead of something that this hears by its event, and that this does not hear: of a listener
 * to `expired`, `del`.
 */
export function unheardReplicaWords({ kind, events }: Pick<Interest, 'kind' | 'events'>): readonly string[] {
  if (kind === 'keyspace' || kind === 'subkeyspace' || kind === 'subkeyspaceitem' || !events) return [];
  const hears = (name: string) => events.some(event => event.matches(Buffer.from(name), 0, name.length));
  return [...REPLICA_WORDS].flatMap(([word, replicas]) => (hears(word) && !hears(replicas) ? replicas : []));
}

interface Parts {
  readonly key?: Target;
  readonly event?: Target;
  readonly subkey?: Target;
}

function combinations(kind: NotificationKind, { keys = [], events = [], subkeys = [] }: Partial<Interest>): Parts[] {
  switch (kind) {
    case 'keyspace':
    case 'subkeyspace':
      return keys.map(key => ({ key }));
    case 'keyevent':
    case 'subkeyevent':
      return events.map(event => ({ event }));
    case 'subkeyspaceitem':
      return keys.flatMap(key => subkeys.map(subkey => ({ key, subkey })));
    case 'subkeyspaceevent':
      return events.flatMap(event => keys.map(key => ({ event, key })));
  }
}

function channelOf(kind: NotificationKind, database: DatabaseSelector, { key, event, subkey }: Parts): ChannelName {
  switch (kind) {
    case 'keyspace':
      return keyspaceChannel(database, key!.part);
    case 'keyevent':
      return keyeventChannel(database, event!.part);
    case 'subkeyspace':
      return subkeyspaceChannel(database, key!.part);
    case 'subkeyevent':
      return subkeyeventChannel(database, event!.part);
    case 'subkeyspaceitem':
      return subkeyspaceitemChannel(database, key!.part, subkey!.part);
    case 'subkeyspaceevent':
      return subkeyspaceeventChannel(database, event!.part, key!.part);
  }
}

function nameOf(kind: NotificationKind, database: DatabaseSelector, parts: Parts): InterestName {
  const { bytes, pattern } = channelOf(kind, database, parts);
  const { key, event } = parts;
  const literal = key && 'literal' in key.part ? key.part.literal : undefined;
  const doubtful = pattern && (database === 'all' || kind === 'subkeyspaceitem' || kind === 'subkeyspaceevent');
  return {
    bytes,
    pattern,
    slot: literal && calculateSlot(literal),
    // The first in the name.
    target: (kind === 'subkeyspaceevent' ? event : (key ?? event))!,
    check: doubtful ? checkOf(parts) : undefined
  };
}

/**
 * A `*` of the server's match runs across `__:`, `|` and the newline, so `__keyspace@*__:foo` also catches
 * the key `x__:foo` of database 0: what such a pattern brought is checked part by part.
 */
function checkOf({ key, event, subkey }: Parts): NameCheck {
  return ({ event: name, source, keyStart, keyEnd, subkeys }) => {
    if (key && !key.matches(source, keyStart, keyEnd)) return false;
    if (event) {
      const bytes = Buffer.from(name);
      if (!event.matches(bytes, 0, bytes.length)) return false;
    }
    return !subkey || subkeys.some(bytes => subkey.matches(bytes, 0, bytes.length));
  };
}
