import type { Random } from './random';

/** One write to one key, and what is heard of it. */
export interface PlannedWrite {
  readonly args: readonly (string | Buffer)[];
  /** The events that it causes, in order. */
  readonly events: readonly string[];
  /** Whether the reply says that it has changed something. @default always */
  readonly changed?: (reply: unknown) => boolean;
  /** What follows by itself, so many ms later. */
  readonly later?: { readonly event: string; readonly after: number };
}

/** What its only writer does to one key, write after write. Ends with undefined. */
export type KeyLife = Iterator<PlannedWrite, void>;

/** What the writers can make a life from. */
export interface LifeSource {
  readonly random: Random;
  /** What DUMP gives of a string, for RESTORE. */
  readonly dump: Buffer;
  /** ms until keys and fields expire. */
  readonly ttl: readonly [from: number, to: number];
}

type MakeLife = (key: string, source: LifeSource) => Generator<PlannedWrite, void>;

const isOne = (reply: unknown) => Number(reply) === 1;

/** Once, and never again: the name alone tells it from all others. */
function* fresh(key: string): Generator<PlannedWrite, void> {
  yield { args: ['SET', key, 'value'], events: ['set'] };
}

/**
 * An endless series of numbered writes. A notification does not tell the number, so that each number has one of
 * five events at random: what is lost, repeated or out of order shows in the series of the events.
 */
function* counter(key: string, { random }: LifeSource): Generator<PlannedWrite, void> {
  const writes = {
    append: { args: ['APPEND', key, '1'], events: ['append'] },
    incrby: { args: ['INCRBY', key, '1'], events: ['incrby'] },
    setrange: { args: ['SETRANGE', key, '0', '1'], events: ['setrange'] },
    expire: { args: ['EXPIRE', key, '10000'], events: ['expire'], changed: isOne }
  };
  for (let number = 1; ; number++) {
    yield { args: ['SET', key, String(number)], events: ['set'] };
    // Longer numbers than these cannot be incremented.
    for (let length = String(number).length; length < 16 && !random.chance(0.2); length++) {
      yield writes[random.pick(Object.keys(writes) as (keyof typeof writes)[])];
    }
  }
}

/** A hash that is never empty. */
function* hash(key: string, { random }: LifeSource): Generator<PlannedWrite, void> {
  yield { args: ['HSET', key, 'base', '0', 'field', '0'], events: ['hset'] };
  for (;;) {
    yield random.pick<PlannedWrite>([
      { args: ['HSET', key, 'base', '1', 'field', '1'], events: ['hset'] },
      { args: ['HINCRBY', key, 'number', '1'], events: ['hincrby'] }
    ]);
    yield { args: ['HDEL', key, 'field'], events: ['hdel'], changed: isOne };
  }
}

/** A key that its user deletes, restores and overwrites, over and over. */
function* returning(key: string, { random, dump }: LifeSource): Generator<PlannedWrite, void> {
  for (;;) {
    yield { args: ['SET', key, 'value'], events: ['set'] };
    if (random.chance(0.5)) {
      yield { args: ['RESTORE', key, '0', dump, 'REPLACE'], events: ['restore'] };
    }
    yield { args: ['DEL', key], events: ['del'], changed: isOne };
    if (random.chance(0.7)) {
      yield { args: ['RESTORE', key, '0', dump], events: ['restore'] };
      yield { args: ['DEL', key], events: ['del'], changed: isOne };
    }
  }
}

function* expiring(key: string, { random, ttl }: LifeSource): Generator<PlannedWrite, void> {
  const after = random.integer(...ttl);
  yield {
    args: ['SET', key, 'value', 'PX', String(after)],
    events: ['set', 'expire'],
    later: { event: 'expired', after }
  };
}

/** Redis >= 7.4, Valkey >= 9: one of two fields expires. */
function* expiringField(key: string, { random, ttl }: LifeSource): Generator<PlannedWrite, void> {
  const after = random.integer(...ttl);
  yield { args: ['HSET', key, 'base', '0', 'field', '0'], events: ['hset'] };
  yield {
    args: ['HPEXPIRE', key, String(after), 'FIELDS', '1', 'field'],
    events: ['hexpire'],
    changed: reply => isOne([reply].flat()[0]),
    later: { event: 'hexpired', after }
  };
}

/** All lives, by name. */
export const LIVES = { fresh, counter, hash, returning, expiring, expiringField } satisfies Record<string, MakeLife>;
export type LifeName = keyof typeof LIVES;

/** Those that never end: a key of theirs is written for as long as the storm lasts. */
export const ENDLESS = ['counter', 'hash', 'returning'] as const satisfies readonly LifeName[];
