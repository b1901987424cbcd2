import type { NotificationKind } from '../protocol/channel';
import type { EventName } from '../protocol/event-catalog';
import type { ParsedNotification } from '../protocol/notification';

/**
 * What happened to a key. A plain object that is yours to keep and not to change: subscriptions that want
 * the same form of it may share it.
 */
export interface KeyNotification<KEY = string> {
  /** Which `subscribe…` it answers. */
  readonly kind: NotificationKind;
  /** Completed by the editor; modules may emit any other name. */
  readonly event: EventName;
  /** Without the client's `keyPrefix`, unless `keyPrefix: false`. */
  readonly key: KEY;
  /** The number of the key's database. */
  readonly database: number;
  /** Hash fields; empty unless `kind` is one of the subkey ones. */
  readonly subkeys: readonly KEY[];
  /** `host:port` of the server that said it. */
  readonly node: string;
}

/** `Buffer` with `bufferMode`, `string` without. */
export type NotificationKey = string | Buffer;

const NONE: readonly never[] = Object.freeze([]);

/**
 * `skip` bytes of the key are left out. Bytes that are not UTF-8 become U+FFFD, as everywhere in node-redis.
 * @param channel the channel as text, if it had to be made anyway: then the key need not be decoded once more.
 */
export function toStrings(parsed: ParsedNotification, skip: number, node: string, channel?: string): KeyNotification {
  const { kind, event, database, subkeys, source, keyStart, keyEnd } = parsed;
  return {
    kind,
    event,
    // What comes before the key is ASCII, so that the key begins at the same place in bytes and in characters.
    key:
      channel !== undefined && kind === 'keyspace' && skip === 0
        ? channel.slice(keyStart)
        : source.toString(undefined, keyStart + skip, keyEnd),
    database,
    subkeys: subkeys.length ? subkeys.map(subkey => subkey.toString()) : NONE,
    node
  };
}

export function toBuffers(parsed: ParsedNotification, skip: number, node: string): KeyNotification<Buffer> {
  const { kind, event, database, subkeys } = parsed;
  const key = parsed.source.subarray(parsed.keyStart + skip, parsed.keyEnd);
  return { kind, event, key, database, subkeys, node };
}
