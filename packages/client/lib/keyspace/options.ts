import { KeyspaceArgumentError, quote } from './errors';

export const NOTIFY_MODES = ['check', 'enable', 'ignore'] as const;
/** What to do about `notify-keyspace-events`. */
export type NotifyMode = (typeof NOTIFY_MODES)[number];

/** `createCluster({ keyspace: { … } })`, or the second argument of `withKeyspace`. */
export interface KeyspaceOptions {
  /**
   * What to do about `notify-keyspace-events`, which every server has off until told otherwise and which is
   * neither replicated nor gossiped. `check` warns once per node and missing class and never fails; `enable`
   * adds the missing flags on every node, also on those that join later; `ignore` never sends CONFIG.
   * @default 'check'
   */
  notifyKeyspaceEvents?: NotifyMode;
  /** Milliseconds between looks at the topology when nothing hints at a change. @default 1_000 */
  topologyRefreshInterval?: number;
  /** Milliseconds between PINGs on each subscriber connection; 0 for none. @default 1_000 */
  heartbeatInterval?: number;
  /**
   * Milliseconds without an answer, or any message, before a node counts as silent; connecting may take as long.
   * @default 3_000
   */
  heartbeatTimeout?: number;
  /** Milliseconds to wait for every primary's confirmation. @default 10_000 */
  subscribeTimeout?: number;
  /** Subscribe the replicas too, so that a crash loses nothing that reached one. @default false */
  standby?: boolean;
  /**
   * Standalone, RESP3, Redis >= 7.2 or Valkey only: subscribe on the client's own connection instead of a
   * dedicated one. Older servers can put a push into the middle of an EXEC reply.
   * @default false
   */
  shareConnection?: boolean;
}

export type ResolvedKeyspaceOptions = Readonly<Required<KeyspaceOptions>>;

/** What holds where an option is left out. */
export const DEFAULT_KEYSPACE_OPTIONS: ResolvedKeyspaceOptions = Object.freeze({
  notifyKeyspaceEvents: 'check',
  topologyRefreshInterval: 1_000,
  heartbeatInterval: 1_000,
  heartbeatTimeout: 3_000,
  subscribeTimeout: 10_000,
  standby: false,
  shareConnection: false
});

const MILLISECONDS = ['topologyRefreshInterval', 'heartbeatTimeout', 'subscribeTimeout'] as const;
const MAX_TIMER = 2 ** 31 - 1;

/**
 * The options with their defaults.
 * @throws {KeyspaceArgumentError} an unknown option, or one with a value that makes no sense.
 */
export function resolveKeyspaceOptions(options: KeyspaceOptions = {}): ResolvedKeyspaceOptions {
  if (typeof options !== 'object' || options === null)
    throw new KeyspaceArgumentError('keyspace', 'an object', options);
  refuseUnknown('keyspace', options, DEFAULT_KEYSPACE_OPTIONS);
  const resolved = { ...DEFAULT_KEYSPACE_OPTIONS, ...dropUndefined(options) };
  requireOneOf('keyspace.notifyKeyspaceEvents', resolved.notifyKeyspaceEvents, NOTIFY_MODES);
  for (const name of MILLISECONDS) requireInteger(`keyspace.${name}`, resolved[name], 1, MAX_TIMER);
  requireInteger('keyspace.heartbeatInterval', resolved.heartbeatInterval, 0, MAX_TIMER);
  requireBoolean('keyspace.standby', resolved.standby);
  requireBoolean('keyspace.shareConnection', resolved.shareConnection);
  return Object.freeze(resolved);
}

export function dropUndefined<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}

export function refuseUnknown(what: string, options: object, known: object): void {
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(known, name)) continue;
    throw new KeyspaceArgumentError(what, `an object with only ${Object.keys(known).join(', ')}`, options);
  }
}

export function requireInteger(name: string, value: unknown, min: number, max: number): asserts value is number {
  if (Number.isInteger(value) && (value as number) >= min && (value as number) <= max) return;
  throw new KeyspaceArgumentError(name, `a whole number from ${min} to ${max}`, value);
}

export function requireBoolean(name: string, value: unknown): asserts value is boolean {
  if (typeof value !== 'boolean') throw new KeyspaceArgumentError(name, 'true or false', value);
}

export function requireOneOf<T>(name: string, value: unknown, choices: readonly T[]): asserts value is T {
  if (!(choices as readonly unknown[]).includes(value)) {
    throw new KeyspaceArgumentError(name, `one of ${choices.map(quote).join(', ')}`, value);
  }
}
