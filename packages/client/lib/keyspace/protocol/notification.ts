import type { NotificationKind } from './channel';
import { internEvent } from './event-name';

export { internEvent };

const NEWLINE = 0x0a;
const COMMA = 0x2c;
const ZERO = 0x30;
const COLON = 0x3a;
const AT = 0x40;
const UNDERSCORE = 0x5f;
const BAR = 0x7c;

/** The greatest database number and the greatest length that is believed; no server comes near either. */
const MAX_NUMBER = 0x7fff_ffff;
const MAX_DIGITS = 10;

const NO_SUBKEYS: readonly Buffer[] = Object.freeze([]);

/**
 * What one message says. All instances have one shape, and nothing is copied: `source` is the very channel or
 * payload that was parsed, and the subkeys are views on it, so keeping one keeps the whole message alive.
 */
export interface ParsedNotification {
  readonly kind: NotificationKind;
  readonly database: number;
  readonly event: string;
  /** The key is `source[keyStart..keyEnd)`. */
  readonly source: Buffer;
  readonly keyStart: number;
  readonly keyEnd: number;
  /** The hash fields, in the server's order, duplicates kept; a shared empty array for the kinds without. */
  readonly subkeys: readonly Buffer[];
}

class Notification implements ParsedNotification {
  constructor(
    readonly kind: NotificationKind,
    readonly database: number,
    readonly event: string,
    readonly source: Buffer,
    readonly keyStart: number,
    readonly keyEnd: number,
    readonly subkeys: readonly Buffer[]
  ) {}
}

/** The same of another event. */
export function renamed(notification: ParsedNotification, event: string): ParsedNotification {
  const { kind, database, source, keyStart, keyEnd, subkeys } = notification;
  return new Notification(kind, database, event, source, keyStart, keyEnd, subkeys);
}

/** Reads what is particular to a family; `rest` is where the variable part of the channel begins. */
type Parser = (database: number, channel: Buffer, rest: number, payload: Buffer) => Notification | undefined;

interface Family {
  readonly prefix: Buffer;
  readonly parse: Parser;
}

function family(kind: NotificationKind, parse: Parser): Family {
  return { prefix: Buffer.from(`__${kind}@`), parse };
}

const KEYSPACE = family('keyspace', parseKeyspace);
const KEYEVENT = family('keyevent', parseKeyevent);
const SUBKEYSPACE = family('subkeyspace', parseSubkeyspace);
const SUBKEYEVENT = family('subkeyevent', parseSubkeyevent);
const SUBKEYSPACEITEM = family('subkeyspaceitem', parseSubkeyspaceitem);
const SUBKEYSPACEEVENT = family('subkeyspaceevent', parseSubkeyspaceevent);

/**
 * Reads one pub/sub message, by bytes (formats: Redis 2.8 for the first two families, Redis 8.8 for the others).
 *
 * Anything that no server writes is `undefined`, for anybody may PUBLISH on these channels: an unknown family, a
 * database that is not a plain number, an empty event, lengths that do not add up. Never throws.
 */
export function parseNotification(channel: Buffer, payload: Buffer): ParsedNotification | undefined {
  const family = familyOf(channel);
  if (family === undefined) return undefined;
  const digits = family.prefix.length;
  const rest = afterDatabase(channel, digits);
  if (rest === -1) return undefined;
  const database = readNumber(channel, digits, rest - 3);
  return database === -1 ? undefined : family.parse(database, channel, rest, payload);
}

/** `<key>` and `<event>`. */
function parseKeyspace(database: number, channel: Buffer, rest: number, payload: Buffer) {
  if (payload.length === 0) return undefined;
  const event = internEvent(payload, 0, payload.length);
  return new Notification('keyspace', database, event, channel, rest, channel.length, NO_SUBKEYS);
}

/** `<event>` and `<key>`. */
function parseKeyevent(database: number, channel: Buffer, rest: number, payload: Buffer) {
  if (rest === channel.length) return undefined;
  const event = internEvent(channel, rest, channel.length);
  return new Notification('keyevent', database, event, payload, 0, payload.length, NO_SUBKEYS);
}

/** `<key>` and `<event>|<fields>`. */
function parseSubkeyspace(database: number, channel: Buffer, rest: number, payload: Buffer) {
  const bar = payload.indexOf(BAR);
  if (bar < 1) return undefined;
  const subkeys = readSubkeys(payload, bar + 1);
  if (subkeys === undefined) return undefined;
  const event = internEvent(payload, 0, bar);
  return new Notification('subkeyspace', database, event, channel, rest, channel.length, subkeys);
}

/** `<event>` and `<length>:<key>|<fields>`; the key may contain anything, so only its length tells its end. */
function parseSubkeyevent(database: number, channel: Buffer, rest: number, payload: Buffer) {
  if (rest === channel.length) return undefined;
  const colon = endOfDigits(payload, 0);
  const length = readNumber(payload, 0, colon);
  const keyEnd = colon + 1 + length;
  if (length === -1 || payload[colon] !== COLON || payload[keyEnd] !== BAR) return undefined;
  const subkeys = readSubkeys(payload, keyEnd + 1);
  if (subkeys === undefined) return undefined;
  const event = internEvent(channel, rest, channel.length);
  return new Notification('subkeyevent', database, event, payload, colon + 1, keyEnd, subkeys);
}

/** `<key>\n<field>` and `<event>`; a server never says so of a key with a newline, so the first one ends the key. */
function parseSubkeyspaceitem(database: number, channel: Buffer, rest: number, payload: Buffer) {
  const newline = channel.indexOf(NEWLINE, rest);
  if (newline === -1 || payload.length === 0) return undefined;
  const event = internEvent(payload, 0, payload.length);
  const subkeys = [channel.subarray(newline + 1)];
  return new Notification('subkeyspaceitem', database, event, channel, rest, newline, subkeys);
}

/** `<event>|<key>` and `<fields>`; a server never says so of an event with a bar, so the first one ends the event. */
function parseSubkeyspaceevent(database: number, channel: Buffer, rest: number, payload: Buffer) {
  const bar = channel.indexOf(BAR, rest);
  if (bar <= rest) return undefined;
  const subkeys = readSubkeys(payload, 0);
  if (subkeys === undefined) return undefined;
  const event = internEvent(channel, rest, bar);
  return new Notification('subkeyspaceevent', database, event, channel, bar + 1, channel.length, subkeys);
}

/** One look at where the `@` stands tells the only family that it can be. */
function familyOf(channel: Buffer): Family | undefined {
  let family: Family;
  if (channel[10] === AT) family = channel[5] === 0x73 /* s */ ? KEYSPACE : KEYEVENT;
  else if (channel[13] === AT) family = channel[8] === 0x73 /* s */ ? SUBKEYSPACE : SUBKEYEVENT;
  else if (channel[17] === AT) family = SUBKEYSPACEITEM;
  else if (channel[18] === AT) family = SUBKEYSPACEEVENT;
  else return undefined;

  const { prefix } = family;
  for (let i = 0; i < prefix.length; i++) {
    if (channel[i] !== prefix[i]) return undefined;
  }
  return family;
}

/** Where the variable part begins: behind the `__:` that ends the database's digits; -1 without. */
function afterDatabase(channel: Buffer, digits: number): number {
  const end = endOfDigits(channel, digits);
  return channel[end] === UNDERSCORE && channel[end + 1] === UNDERSCORE && channel[end + 2] === COLON ? end + 3 : -1;
}

/** Looks at no more digits than a believable number has, so that it is quick on any input. */
function endOfDigits(bytes: Buffer, start: number): number {
  const limit = Math.min(bytes.length, start + MAX_DIGITS);
  let at = start;
  while (at < limit && bytes[at] >= ZERO && bytes[at] <= ZERO + 9) at++;
  return at;
}

/** The whole number that the digits at `start..end` write as a server would, without leading zeros; else -1. */
function readNumber(bytes: Buffer, start: number, end: number): number {
  if (end === start || (bytes[start] === ZERO && end > start + 1)) return -1;
  let value = 0;
  for (let at = start; at < end; at++) value = value * 10 + bytes[at] - ZERO;
  return value <= MAX_NUMBER ? value : -1;
}

/** `<length>:<bytes>` one or more times, with commas between; lengths count bytes (Redis 8.8). */
function readSubkeys(bytes: Buffer, start: number): readonly Buffer[] | undefined {
  const subkeys: Buffer[] = [];
  let at = start;
  for (;;) {
    const colon = endOfDigits(bytes, at);
    const length = readNumber(bytes, at, colon);
    const end = colon + 1 + length;
    if (length === -1 || bytes[colon] !== COLON || end > bytes.length) return undefined;
    subkeys.push(bytes.subarray(colon + 1, end));
    if (end === bytes.length) return subkeys;
    if (bytes[end] !== COMMA) return undefined;
    at = end + 1;
  }
}
