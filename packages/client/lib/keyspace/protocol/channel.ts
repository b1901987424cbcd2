import { closeGlob, escapeGlob } from './glob';

/** The six families of channels on which a server tells what happened to keys; the last four from Redis 8.8. */
export const NOTIFICATION_KINDS = [
  'keyspace',
  'keyevent',
  'subkeyspace',
  'subkeyevent',
  'subkeyspaceitem',
  'subkeyspaceevent'
] as const;

/** One of `NOTIFICATION_KINDS`. */
export type NotificationKind = (typeof NOTIFICATION_KINDS)[number];

/** One database by its number, or whichever it is. */
export type DatabaseSelector = number | 'all';

/** A name to send with SUBSCRIBE (`pattern: false`) or PSUBSCRIBE (`pattern: true`). The bytes are exact. */
export interface ChannelName {
  readonly bytes: Buffer;
  readonly pattern: boolean;
}

/** A variable part of a name: exact bytes, or a pattern by the server's rules. */
export type NamePart = { readonly literal: Buffer } | { readonly glob: Buffer };

const NEWLINE: NamePart = { literal: Buffer.from('\n') };
const BAR: NamePart = { literal: Buffer.from('|') };

/** `__keyspace@<database>__:<key>`, payload `<event>`. */
export function keyspaceChannel(database: DatabaseSelector, key: NamePart): ChannelName {
  return channelName('keyspace', database, [key]);
}

/** `__keyevent@<database>__:<event>`, payload `<key>`. */
export function keyeventChannel(database: DatabaseSelector, event: NamePart): ChannelName {
  return channelName('keyevent', database, [event]);
}

/** `__subkeyspace@<database>__:<key>`, payload `<event>|<fields>`. */
export function subkeyspaceChannel(database: DatabaseSelector, key: NamePart): ChannelName {
  return channelName('subkeyspace', database, [key]);
}

/** `__subkeyevent@<database>__:<event>`, payload `<length>:<key>|<fields>`. */
export function subkeyeventChannel(database: DatabaseSelector, event: NamePart): ChannelName {
  return channelName('subkeyevent', database, [event]);
}

/**
 * `__subkeyspaceitem@<database>__:<key>\n<field>`, payload `<event>`.
 *
 * A server says nothing here of a key that contains a newline: refuse such a literal key before.
 */
export function subkeyspaceitemChannel(database: DatabaseSelector, key: NamePart, subkey: NamePart): ChannelName {
  return channelName('subkeyspaceitem', database, [key, NEWLINE, subkey]);
}

/**
 * `__subkeyspaceevent@<database>__:<event>|<key>`, payload `<fields>`.
 *
 * A server says nothing here of an event whose name contains `|`: refuse such a literal event before.
 */
export function subkeyspaceeventChannel(database: DatabaseSelector, event: NamePart, key: NamePart): ChannelName {
  return channelName('subkeyspaceevent', database, [event, BAR, key]);
}

/**
 * Promises that the same arguments give the same bytes for ever: an ACL rule must equal a pattern byte for byte,
 * so the patterns are a contract with operators. Nothing is escaped that a server takes as itself.
 */
function channelName(kind: NotificationKind, database: DatabaseSelector, parts: readonly NamePart[]): ChannelName {
  const prefix = prefixOf(kind, database);
  const [only] = parts;
  // One exact key of very many: everything else is rare.
  if (parts.length === 1 && 'literal' in only && database !== 'all') {
    return { bytes: Buffer.concat([prefix, only.literal], prefix.length + only.literal.length), pattern: false };
  }
  const pattern = database === 'all' || parts.some(part => 'glob' in part);
  const last = parts.length - 1;
  const bytes = parts.map((part, index) => {
    if ('glob' in part) return index === last ? part.glob : closeGlob(part.glob);
    return pattern ? escapeGlob(part.literal) : part.literal;
  });
  return { bytes: Buffer.concat([prefix, ...bytes]), pattern };
}

let lastPrefix:
  { readonly kind: NotificationKind; readonly database: DatabaseSelector; readonly bytes: Buffer } | undefined;

/** Names are made by the thousand for one family and database. */
function prefixOf(kind: NotificationKind, database: DatabaseSelector): Buffer {
  if (lastPrefix?.kind !== kind || lastPrefix.database !== database) {
    const bytes = Buffer.from(`__${kind}@${database === 'all' ? '*' : database}__:`);
    lastPrefix = { kind, database, bytes };
  }
  return lastPrefix.bytes;
}
