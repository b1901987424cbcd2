import type { NotifyFlag } from './flags';
import { compileGlob, isGlob } from './glob';
import type { Since } from './server-version';

/** An event that a server emits by itself, without a module. */
export interface CatalogEntry {
  /** As the server says it. */
  readonly event: string;
  /** The class letter that `notify-keyspace-events` needs besides the one of the channel. */
  readonly flag: NotifyFlag;
  /** A second class with which some server says it in some cases; to hear it everywhere takes both letters. */
  readonly alsoFlag: NotifyFlag | undefined;
  /** The first release whose source or behaviour shows it, among those looked at (Redis 2.8 onwards). */
  readonly since: Since;
  /** Told on the sub-key channels too, with the fields that it concerns (Redis 8.8). */
  readonly subkeys: boolean;
}

const REDIS_2_8 = { redis: '2.8', valkey: '7.2', keydb: '5.0' } as const;
const REDIS_3_0 = { ...REDIS_2_8, redis: '3.0' } as const;
const REDIS_3_2 = { ...REDIS_2_8, redis: '3.2' } as const;
const REDIS_5_0 = { ...REDIS_2_8, redis: '5.0' } as const;
const REDIS_6_0 = { redis: '6.0', valkey: '7.2', keydb: '6.0' } as const;
const REDIS_6_2 = { redis: '6.2', valkey: '7.2', keydb: '6.2' } as const;
const REDIS_7_0 = { redis: '7.0', valkey: '7.2' } as const;
const REDIS_7_4 = { redis: '7.4', valkey: '9.0' } as const;
const REDIS_8_2 = { redis: '8.2' } as const;
const REDIS_8_8 = { redis: '8.8' } as const;

/**
 * Every event that a server is known to emit, and no other: many commands speak under another's name (`INCR` says
 * `incrby`, `SETEX` says `set` and `expire`, `UNLINK` says `del`, `BRPOP` says `rpop`), and an event named after
 * them would be waited for in vain.
 *
 * From the sources of Redis 2.8 to 7.4, Valkey 8.1 and KeyDB 6.3, and from runs of Redis 7.0, 8.6 and unstable
 * (June 2026) and Valkey 9.1. Not complete for the array type of Redis 8.8.
 */
export const EVENT_CATALOG = Object.freeze([
  ...entries('g', REDIS_2_8, ['del', 'expire', 'persist', 'rename_from', 'rename_to']),
  ...entries('g', REDIS_6_0, ['move_from', 'move_to', 'restore']),
  ...entries('g', REDIS_6_2, ['copy_to']),
  ...entries('$', REDIS_2_8, ['set', 'setrange', 'append', 'incrby', 'incrbyfloat', 'setbit']),
  ...entries('$', REDIS_3_0, ['pfadd']),
  ...entries('l', REDIS_2_8, ['lpush', 'rpush', 'lpop', 'rpop', 'linsert', 'lset', 'lrem', 'ltrim', 'sortstore']),
  ...entries('s', REDIS_2_8, ['sadd', 'srem', 'spop', 'sinterstore', 'sunionstore', 'sdiffstore']),
  ...entries('z', REDIS_2_8, ['zadd', 'zincr', 'zrem', 'zremrangebyscore', 'zremrangebyrank']),
  ...entries('z', REDIS_2_8, ['zinterstore', 'zunionstore']),
  ...entries('z', REDIS_3_0, ['zremrangebylex']),
  ...entries('z', REDIS_3_2, ['georadiusstore']),
  ...entries('z', REDIS_5_0, ['zpopmin', 'zpopmax']),
  ...entries('z', REDIS_6_2, ['zdiffstore', 'zrangestore', 'geosearchstore']),
  ...entries('h', REDIS_2_8, ['hset', 'hdel', 'hincrby', 'hincrbyfloat'], { subkeys: true }),
  ...entries('h', REDIS_7_4, ['hexpire', 'hpersist'], { subkeys: true }),
  // Valkey 9.1 says it with `x` when the field's time has passed, with `h` when a command sets a time in the past.
  ...entries('h', REDIS_7_4, ['hexpired'], { subkeys: true, alsoFlag: 'x' }),
  ...entries('x', REDIS_2_8, ['expired']),
  ...entries('e', REDIS_2_8, ['evicted']),
  ...entries('t', REDIS_5_0, ['xadd', 'xdel', 'xtrim', 'xsetid']),
  ...entries('t', REDIS_5_0, ['xgroup-create', 'xgroup-destroy', 'xgroup-delconsumer', 'xgroup-setid']),
  ...entries('t', REDIS_6_2, ['xgroup-createconsumer']),
  ...entries('a', REDIS_8_8, ['arset', 'ardel']),
  ...entries('m', REDIS_6_0, ['keymiss']),
  ...entries('n', REDIS_7_0, ['new']),
  ...entries('o', REDIS_8_2, ['overwritten']),
  ...entries('c', REDIS_8_2, ['type_changed']),
  // KeyDB's own, of the class `E` itself: no other letter is needed (source of 6.3).
  ...entries('E', { keydb: '6.3' }, ['CRON Executed'])
]);

function entries<const EVENT extends string>(
  flag: NotifyFlag,
  since: Since,
  events: readonly EVENT[],
  { subkeys = false, alsoFlag }: { subkeys?: boolean; alsoFlag?: NotifyFlag } = {}
): (CatalogEntry & {
  /** As the server says it. */
  readonly event: EVENT;
})[] {
  return events.map(event => Object.freeze({ event, flag, alsoFlag, since, subkeys }));
}

/** The names that the catalogue knows, for the editor's completion. */
export type KnownEvent = (typeof EVENT_CATALOG)[number]['event'];

/** Any string is a legal event, since modules bring their own; the known ones are completed by the editor. */
export type EventName = KnownEvent | (string & {});

const ENTRY_OF = new Map<string, CatalogEntry>(EVENT_CATALOG.map(entry => [entry.event, entry]));

/** The classes whose events come only to those who name them: too frequent, and no part of `A`. */
const OPT_IN: readonly NotifyFlag[] = ['m', 'n', 'o', 'c'];

const IN_ALL = flagsOf(EVENT_CATALOG.filter(({ flag }) => isCommon(flag)));

/** What the catalogue says of an event, if it knows it. */
export function findEvent(event: string): CatalogEntry | undefined {
  return ENTRY_OF.get(event);
}

/**
 * The class letters that an event's name, or a glob of names, needs.
 *
 * - A known name needs the letter of its class; `hexpired` needs two, because of Valkey.
 * - An unknown one comes from a module, or from a newer server. Modules mostly use `d`, but may use any class, so
 *   that only `A` is sure to let it through.
 * - A glob needs the classes of the known names that it matches; `*`, and whatever matches nothing known, needs
 *   `A`. A glob asks for `keymiss`, `new`, `overwritten` and `type_changed` only if it matches nothing else
 *   (`key*`): each of them can come with nearly every command, so they are for those who name them.
 */
export function eventClasses(eventOrGlob: string): readonly NotifyFlag[] {
  const exact = findEvent(eventOrGlob);
  if (exact !== undefined) return flagsOf([exact]);
  if (!isGlob(eventOrGlob)) return ['A'];

  const matcher = compileGlob(Buffer.from(eventOrGlob));
  const matched = EVENT_CATALOG.filter(({ event }) => matcher(Buffer.from(event)));
  const common = flagsOf(matched.filter(({ flag }) => isCommon(flag)));
  if (common.length === IN_ALL.length || matched.length === 0) return ['A'];
  return common.length > 0 ? common : flagsOf(matched);
}

/** `E` is no class to ask for by a glob, and KeyDB says its event with it anyway. */
function isCommon(flag: NotifyFlag): boolean {
  return flag !== 'E' && !OPT_IN.includes(flag);
}

function flagsOf(entries: readonly CatalogEntry[]): readonly NotifyFlag[] {
  const flags = entries.flatMap(({ flag, alsoFlag }) => (alsoFlag === undefined ? [flag] : [flag, alsoFlag]));
  return [...new Set(flags)];
}
