import { encodeReply, push, slotOf } from '@redis-keyspace/test-utils';

/** The pattern by which every contender hears the stream: keyspace notifications of database 0. */
export const PATTERN = '__keyspace@0__:*';
/** The last notification of a stream; no other has this event. */
export const END_EVENT = 'end';
/** Slots that no key of the stream has: in the simulated cluster they belong to the two other primaries. */
export const FOREIGN_SLOTS = [16_382, 16_383] as const;

/** What an application does: mostly writes, some expiries and deletes. */
const EVENTS = ['set', 'set', 'set', 'expire', 'hset', 'hincrby', 'lpush', 'zadd', 'incrby', 'sadd', 'expired', 'del'];
const NAMES = ['user', 'session', 'cart', 'page:views', 'rate-limit'];
const DISTINCT = 10_000;

/**
 * `count` pushes encoded as a server does, the last of them the end: 10,000 different ones, again and again.
 * The same at each call.
 */
export function* recordedStream(count: number): Generator<Buffer> {
  const pushes = Array.from({ length: Math.min(DISTINCT, count - 1) }, (_, index) =>
    encode(keyOf(index), EVENTS[index % EVENTS.length])
  );
  const block = Buffer.concat(pushes);
  let left = count - 1;
  for (; left >= pushes.length && left > 0; left -= pushes.length) yield block;
  yield Buffer.concat([...pushes.slice(0, left), encode('end', END_EVENT)]);
}

function encode(key: string, event: string): Buffer {
  return encodeReply(push('pmessage', PATTERN, `__keyspace@0__:${key}`, event), 3);
}

/** Multiplying by a prime much greater than DISTINCT scatters the numbers without repeating one. */
function keyOf(index: number): string {
  const key = `${NAMES[index % NAMES.length]}:${(index * 7_919_717) % 10_000_019}`;
  return (FOREIGN_SLOTS as readonly number[]).includes(slotOf(key)) ? `${key}:again` : key;
}
