/** How often the events of one class happen. */
export interface EventRate {
  /** The letter of the class. */
  readonly flag: string;
  readonly title: string;
  /** The average since the servers started. */
  readonly perSecond: number;
}

interface EventClass {
  readonly flag: string;
  readonly title: string;
  /** Names in INFO commandstats, spaces apart; a command that says two things is in two classes. */
  readonly commands: string;
  /** Where INFO stats counts the events themselves. */
  readonly counter?: string;
}

const CLASSES: readonly EventClass[] = [
  {
    flag: 'g',
    title: 'any type: del, expire, rename, …',
    commands:
      'del unlink getdel expire pexpire expireat pexpireat persist rename renamenx copy move restore setex psetex'
  },
  {
    flag: '$',
    title: 'strings: set, incrby, append, …',
    commands:
      'set setex psetex setnx getset mset msetnx append setrange incr incrby incrbyfloat decr decrby setbit bitfield bitop pfadd pfmerge'
  },
  {
    flag: 'l',
    title: 'lists: lpush, rpop, …',
    commands:
      'lpush rpush lpushx rpushx lpop rpop linsert lset lrem ltrim lmove rpoplpush blpop brpop blmove lmpop blmpop'
  },
  { flag: 's', title: 'sets: sadd, srem, …', commands: 'sadd srem spop smove sinterstore sunionstore sdiffstore' },
  {
    flag: 'h',
    title: 'hashes: hset, hdel, …',
    commands:
      'hset hmset hsetnx hdel hincrby hincrbyfloat hexpire hpexpire hexpireat hpexpireat hpersist hsetex hgetdel'
  },
  {
    flag: 'z',
    title: 'sorted sets: zadd, zrem, …',
    commands:
      'zadd zincrby zrem zremrangebyscore zremrangebyrank zremrangebylex zpopmin zpopmax bzpopmin bzpopmax zmpop zunionstore zinterstore zdiffstore zrangestore geoadd geosearchstore'
  },
  { flag: 't', title: 'streams: xadd, xtrim, …', commands: 'xadd xdel xtrim xsetid xgroup|create xgroup|destroy' },
  { flag: 'x', title: 'expired', commands: '', counter: 'expired_keys' },
  { flag: 'e', title: 'evicted', commands: '', counter: 'evicted_keys' },
  { flag: 'm', title: 'keymiss: each read of a key that is not there', commands: '', counter: 'keyspace_misses' }
];

/** Estimated by the commands that INFO has counted: a command mostly makes one event. Summed over the servers. */
export function eventRates(infos: readonly ReadonlyMap<string, string>[]): EventRate[] {
  return CLASSES.map(({ flag, title, ...counted }) => ({
    flag,
    title,
    perSecond: round(infos.reduce((sum, info) => sum + rateOf(counted, info), 0))
  }));
}

function rateOf(
  { commands, counter }: Pick<EventClass, 'commands' | 'counter'>,
  info: ReadonlyMap<string, string>
): number {
  const calls = commands
    .split(' ')
    .filter(Boolean)
    .reduce((sum, command) => sum + Number(/calls=(\d+)/.exec(info.get(`cmdstat_${command}`) ?? '')?.[1] ?? 0), 0);
  const counted = counter === undefined ? 0 : Number(info.get(counter) ?? 0);
  return (calls + counted) / Math.max(Number(info.get('uptime_in_seconds')), 1);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
