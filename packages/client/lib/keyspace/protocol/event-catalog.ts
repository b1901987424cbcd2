import type { NotifyFlag } from './flags';

/** The first release that emits an event or takes a letter, per product; a product that is not named never does. */
export interface Since {
  readonly redis?: string;
  readonly valkey?: string;
  readonly keydb?: string;
}

/** An event that servers emit by themselves. */
export interface CatalogEntry {
  readonly event: string;
  /** The class letter that `notify-keyspace-events` needs besides `K` and `E`. */
  readonly flag: NotifyFlag;
  readonly since: Since;
  /** Also told on the sub-key channels, with the fields it concerns (Redis 8.8). */
  readonly subkeys?: true;
}

/** Since before the forks: what Redis 6.2 has, Valkey and KeyDB have. */
const ALWAYS = { redis: '2.8', valkey: '7.2', keydb: '5.0' } as const;
const SINCE_5 = { redis: '5.0', valkey: '7.2', keydb: '5.0' } as const;
const SINCE_6 = { redis: '6.0', valkey: '7.2', keydb: '6.0' } as const;
const SINCE_6_2 = { redis: '6.2', valkey: '7.2', keydb: '6.2' } as const;

function entries<const EVENT extends string>(flag: NotifyFlag, since: Since, ...events: readonly EVENT[]) {
  return events.map(event => ({ event, flag, since }));
}

function hashEntries<const EVENT extends string>(since: Since, ...events: readonly EVENT[]) {
  return events.map(event => ({ event, flag: 'h' as const, since, subkeys: true as const }));
}

export const EVENT_CATALOG = Object.freeze([
  ...entries('g', ALWAYS, 'del', 'expire', 'persist', 'rename_from', 'rename_to', 'move_from', 'move_to'),
  ...entries('g', SINCE_6, 'restore'),
  ...entries('g', SINCE_6_2, 'copy_to'),
  ...entries('$', ALWAYS, 'set', 'setrange', 'append', 'incrby', 'incrbyfloat', 'setbit', 'pfadd'),
  ...entries('l', ALWAYS, 'lpush', 'rpush', 'lpop', 'rpop', 'linsert', 'lset', 'lrem', 'ltrim', 'sortstore'),
  ...entries('s', ALWAYS, 'sadd', 'srem', 'spop', 'sinterstore', 'sunionstore', 'sdiffstore'),
  ...entries('z', ALWAYS, 'zadd', 'zincr', 'zrem', 'zremrangebyscore', 'zremrangebyrank', 'zremrangebylex'),
  ...entries('z', ALWAYS, 'zinterstore', 'zunionstore', 'georadiusstore'),
  ...entries('z', SINCE_5, 'zpopmin', 'zpopmax'),
  ...entries('z', SINCE_6_2, 'zdiffstore', 'zrangestore', 'geosearchstore'),
  ...hashEntries(ALWAYS, 'hset', 'hdel', 'hincrby', 'hincrbyfloat'),
  ...hashEntries({ redis: '7.4', valkey: '9.0' }, 'hexpire', 'hexpired', 'hpersist'),
  ...entries('x', ALWAYS, 'expired'),
  ...entries('e', ALWAYS, 'evicted'),
  ...entries('t', SINCE_5, 'xadd', 'xdel', 'xtrim', 'xsetid'),
  ...entries('t', SINCE_5, 'xgroup-create', 'xgroup-destroy', 'xgroup-delconsumer', 'xgroup-setid'),
  ...entries('t', { redis: '7.0', valkey: '7.2' }, 'xgroup-createconsumer'),
  ...entries('m', SINCE_6, 'keymiss'),
  ...entries('n', { redis: '7.0', valkey: '7.2' }, 'new'),
  ...entries('o', { redis: '8.2' }, 'overwritten'),
  ...entries('c', { redis: '8.2' }, 'type_changed'),
  ...entries('a', { redis: '8.8' }, 'arset', 'ardel')
]);

/** The names that the catalogue knows, for the editor's completion. */
export type KnownEvent = typeof EVENT_CATALOG[number]['event'];

/** Any string is a legal event (modules bring their own); the known ones are completed by the editor. */
export type EventName = KnownEvent | (string & {});

export function eventClasses(eventOrGlob: string): readonly NotifyFlag[] {
  const entry = EVENT_CATALOG.find(({ event }) => event === eventOrGlob);
  return entry ? [entry.flag] : ['A'];
}
