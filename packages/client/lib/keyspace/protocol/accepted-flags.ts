import { NOTIFY_FLAGS, parseFlags, type FlagSet, type NotifyFlag } from './flags';
import { isSince, type ServerVersion, type Since } from './server-version';

/** When a letter came; the others are as old as keyspace notifications (Redis 2.8). */
const SINCE: { readonly [FLAG in NotifyFlag]?: Since } = {
  t: { redis: '5.0', valkey: '7.2', keydb: '5.0' },
  m: { redis: '6.0', valkey: '7.2', keydb: '6.0' },
  d: { redis: '6.2', valkey: '7.2', keydb: '6.2' },
  n: { redis: '7.0', valkey: '7.2' },
  o: { redis: '8.2' },
  c: { redis: '8.2' },
  a: { redis: '8.8' },
  S: { redis: '8.8' },
  T: { redis: '8.8' },
  I: { redis: '8.8' },
  V: { redis: '8.8' }
};

/**
 * The letters that a server says it takes when it refuses CONFIG SET: `… Invalid event class character. Use
 * 'Ag$lshzxeKEtmdn'.` (Redis since 7.0 and Valkey). `undefined` if the message does not say (KeyDB, older Redis).
 *
 * Not always all of them: Redis 8.6 takes `o` and `c` and keeps quiet about it. Ask `acceptedFlagsOf` first, if the
 * version is known.
 */
export function acceptedFlags(message: string): FlagSet | undefined {
  const letters = /event class character\. Use '([^']+)'/.exec(message)?.[1];
  return letters === undefined ? undefined : parseFlags(letters);
}

/** The letters that a server takes, by its version. One letter that it does not take makes it refuse the whole. */
export function acceptedFlagsOf(server: ServerVersion): FlagSet {
  return new Set(
    NOTIFY_FLAGS.filter(flag => {
      const since = SINCE[flag];
      return since === undefined || isSince(server, since);
    })
  );
}

/** The required letters that no setting of this server can give. */
export function unsupportedFlags(required: FlagSet, accepted: FlagSet): FlagSet {
  return new Set([...required].filter(flag => !accepted.has(flag)));
}
