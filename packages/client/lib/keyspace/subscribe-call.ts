import { KeyspaceArgumentError } from './errors';
import type { SubscriptionSettings, AnyListener } from './delivery/subscription';
import { OVERFLOW_POLICIES, type OverflowPolicy } from './delivery/queue';
import { namesOf, type Interest } from './plan/interest';
import { parseEventTarget, parseKeyTarget, parseTargets, type KeyTarget } from './plan/target';
import { dropUndefined, refuseUnknown, requireBoolean, requireInteger, requireOneOf } from './options';
import type { DatabaseSelector, EventName, NotificationKind } from './protocol';

/** The last argument of every `subscribe…`. */
export interface SubscribeOptions<BUFFER_MODE extends boolean = boolean> {
  /**
   * One database, several, or every one. What comes by `'all'` is checked again here, since the server's `*`
   * also matches across `__:`.
   * @default the client's own (0 in a cluster)
   */
  database?: number | readonly number[] | 'all';
  /** With a key target: only these events, names or globs. @default all */
  events?: EventName | readonly EventName[];
  /** With an event target: only these keys. @default all */
  keys?: KeyTarget | readonly KeyTarget[];
  /** Keys, subkeys and channels as Buffers. @default false */
  bufferMode?: BUFFER_MODE;
  /** Apply the client's own `keyPrefix`, and strip it from what is told, so that `client.get(notification.key)` works. @default true */
  keyPrefix?: boolean;
  /** The `del`/`restore` pair of a key that a slot's move carries along. @default 'hide' */
  slotMigration?: 'hide' | 'show';
  /** How many notifications are held for an iterator, or while an asynchronous listener is busy. @default 16_384 */
  highWaterMark?: number;
  /** What to do with one too many. Every loss is counted and told as a gap. @default 'drop-oldest' */
  overflow?: OverflowPolicy;
  /** Ends the subscription; before it is established `subscribe…` rejects with the signal's reason. */
  abortSignal?: AbortSignal;
}

const DEFAULTS = Object.freeze({
  database: undefined,
  events: undefined,
  keys: undefined,
  bufferMode: false,
  keyPrefix: true,
  slotMigration: 'hide',
  highWaterMark: 16_384,
  overflow: 'drop-oldest',
  abortSignal: undefined
} as const);

type ResolvedOptions = SubscribeOptions &
  Required<Pick<SubscribeOptions, 'bufferMode' | 'keyPrefix' | 'slotMigration' | 'highWaterMark' | 'overflow'>>;

/** What the client brings to every call. */
export interface CallContext {
  readonly defaultDatabase: number;
  readonly keyPrefix: Buffer;
  /** Of a cluster. @default false */
  readonly isSharded?: boolean;
}

/** The parts of a call before the listener and options: `subscribeKeyspace(target, …)` has one, others two. */
export interface CallTargets {
  readonly target?: unknown;
  readonly event?: unknown;
  readonly subkey?: unknown;
}

const NEWLINE = 0x0a;
const BY_KEY: readonly NotificationKind[] = ['keyspace', 'subkeyspace', 'subkeyspaceitem'];
const MAX_DATABASE = 2 ** 31 - 1;

/**
 * A call with everything checked and filled in.
 * @throws {KeyspaceArgumentError} naming what is wrong and quoting it.
 */
export function parseCall(
  kind: NotificationKind,
  targets: CallTargets,
  rest: readonly unknown[],
  context: CallContext
): SubscriptionSettings {
  const [listener, given] = typeof rest[0] === 'function' ? rest : [undefined, rest[0]];
  if (listener === undefined && rest.length > 1 && rest[1] !== undefined)
    throw new KeyspaceArgumentError('listener', 'a function', rest[0]);
  const options = parseOptions(given, kind);
  const interest: Interest = {
    kind,
    databases: parseDatabases(options.database, context.defaultDatabase),
    keys: parseKeys(kind, targets.target, options.keys),
    events: parseEvents(kind, targets.event, options.events),
    subkeys: kind === 'subkeyspaceitem' ? parseTargets(targets.subkey, 'subkey', parseKeyTarget) : undefined,
    prefix: options.keyPrefix ? context.keyPrefix : NO_BYTES,
    isSharded: context.isSharded === true
  };
  const { bufferMode, highWaterMark, overflow, abortSignal, slotMigration } = options;
  const names = namesOf(interest);
  return {
    interest,
    names,
    listener: listener as AnyListener | undefined,
    bufferMode,
    highWaterMark,
    overflow,
    abortSignal,
    showMigration: slotMigration === 'show'
  };
}

const NO_BYTES = Buffer.alloc(0);

function parseOptions(given: unknown, kind: NotificationKind) {
  if (given !== undefined && (typeof given !== 'object' || given === null))
    throw new KeyspaceArgumentError('options', 'an object, or a listener', given);
  const options = given ?? {};
  refuseUnknown('options', options, DEFAULTS);
  const resolved = { ...DEFAULTS, ...dropUndefined(options) } as ResolvedOptions;
  requireBoolean('bufferMode', resolved.bufferMode);
  requireBoolean('keyPrefix', resolved.keyPrefix);
  requireOneOf('slotMigration', resolved.slotMigration, ['hide', 'show']);
  requireInteger('highWaterMark', resolved.highWaterMark, 1, 2 ** 24);
  requireOneOf('overflow', resolved.overflow, OVERFLOW_POLICIES);
  if (resolved.abortSignal !== undefined && !(resolved.abortSignal instanceof AbortSignal))
    throw new KeyspaceArgumentError('abortSignal', 'an AbortSignal', resolved.abortSignal);
  if (resolved.events !== undefined && !BY_KEY.includes(kind))
    throw new KeyspaceArgumentError('events', 'left out with an event target', resolved.events);
  if (resolved.keys !== undefined && (BY_KEY.includes(kind) || kind === 'subkeyspaceevent'))
    throw new KeyspaceArgumentError('keys', 'left out with a key target', resolved.keys);
  return resolved;
}

function parseDatabases(given: unknown, own: number): readonly DatabaseSelector[] {
  if (given === undefined) return [own];
  if (given === 'all') return ['all'];
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  if (!list.length) throw new KeyspaceArgumentError('database', 'at least one number', given);
  for (const item of list) {
    if (!Number.isInteger(item) || (item as number) < 0 || (item as number) > MAX_DATABASE) {
      throw new KeyspaceArgumentError('database', "a whole number >= 0, several, or 'all'", item);
    }
  }
  return [...new Set(list as number[])];
}

function parseKeys(kind: NotificationKind, target: unknown, filter: unknown): Interest['keys'] {
  if (!BY_KEY.includes(kind) && kind !== 'subkeyspaceevent')
    return filter === undefined ? undefined : parseTargets(filter, 'keys', parseKeyTarget);
  const keys = parseTargets(target, 'target', parseKeyTarget);
  for (const { part } of keys) {
    if (kind === 'subkeyspaceitem' && 'literal' in part && part.literal.includes(NEWLINE)) {
      // Redis 8.8 sends no such message for a key with a newline: the first one ends the key.
      throw new KeyspaceArgumentError('target', 'a key without a newline', part.literal);
    }
  }
  return keys;
}

function parseEvents(kind: NotificationKind, event: unknown, filter: unknown): Interest['events'] {
  if (BY_KEY.includes(kind)) return filter === undefined ? undefined : parseTargets(filter, 'events', parseEventTarget);
  const events = parseTargets(event, 'event', parseEventTarget);
  if (kind === 'subkeyspaceevent' && events.some(({ id }) => id.includes('|'))) {
    // Redis 8.8 sends nothing for such an event: the first bar ends the name.
    throw new KeyspaceArgumentError('event', `a name without "|"`, event);
  }
  return events;
}

/** The ids of the targets of an `unsubscribe…` call. */
export function parseUnsubscribe(kind: NotificationKind, target: unknown): ReadonlySet<string> | undefined {
  if (target === undefined) return undefined;
  const byKey = BY_KEY.includes(kind);
  const targets = byKey
    ? parseTargets(target, 'target', parseKeyTarget)
    : parseTargets(target, 'event', parseEventTarget);
  return new Set(targets.map(({ id }) => id));
}

/** @throws {KeyspaceArgumentError} a listener that is no function. */
export function requireListener(listener: unknown): void {
  if (listener !== undefined && typeof listener !== 'function')
    throw new KeyspaceArgumentError('listener', `a function`, listener);
}
