import {
  facadeOf,
  kindOf,
  selfOf,
  type UpstreamClient,
  type UpstreamCluster,
  type UpstreamPool,
  type UpstreamSentinel
} from '../../upstream';
import type { KeyspaceApi } from '../api';
import { KeyspaceArgumentError, KeyspaceError } from '../errors';
import type { Front } from '../front';
import { KeyspaceNotifications } from '../keyspace';
import type { KeyspaceOptions } from '../options';
import { ClusterFront } from './cluster';
import { poolFront } from './pool';
import { sentinelFront } from './sentinel';
import { standaloneFront } from './standalone';

type Method = (...args: unknown[]) => unknown;

/** By the object behind all proxies of a client: they share one, a duplicate has its own. */
const notifications = new WeakMap<object, KeyspaceNotifications>();

/**
 * Gives the keyspace API to a client, pool, cluster or sentinel of `@redis/client` or `redis`, whether it is
 * connected yet or not, and returns the same object. It is closed with the client; its proxies
 * (`withTypeMapping()` and its kin) have the API too, and so has what `duplicate()` and `createPool()` make,
 * starting without subscriptions.
 * @throws {KeyspaceArgumentError} not a client of node-redis 6, or wrong options.
 * @throws {KeyspaceError} the client has the API already and other options are given.
 */
export function attachKeyspace<T extends object>(client: T, options?: KeyspaceOptions): T & KeyspaceApi {
  const kind = kindOf(client);
  if (!kind) throw new KeyspaceArgumentError('client', 'a client, pool, cluster or sentinel of node-redis 6', client);
  const self = selfOf(client);
  if (notifications.has(self)) {
    if (options === undefined) return client as T & KeyspaceApi;
    throw new KeyspaceError('KEYSPACE_ATTACHED', 'this client has the keyspace API already, with its own options');
  }
  const keyspace = new KeyspaceNotifications(frontOf(kind, facadeOf(self), options), options);
  notifications.set(self, keyspace);
  for (const [name, value] of Object.entries(apiOf(keyspace))) define(self, name, value);
  define(self, 'keyspace', keyspace);
  for (const name of ['close', 'destroy', 'disconnect', 'quit', 'QUIT']) {
    wrap(
      self,
      name,
      original =>
        function (this: unknown, ...args) {
          keyspace.close();
          return original.apply(this, args);
        }
    );
  }
  wrap(
    self,
    'duplicate',
    original =>
      function (this: unknown, ...args) {
        const { keyspace: own, ...overrides } = (args[0] ?? {}) as { keyspace?: KeyspaceOptions };
        return attachKeyspace(original.call(this, overrides) as object, own ?? options);
      }
  );
  wrap(
    self,
    'createPool',
    original =>
      function (this: unknown, ...args) {
        return attachKeyspace(
          original.apply(this, args) as object,
          options && { ...options, shareConnection: undefined }
        );
      }
  );
  return client as T & KeyspaceApi;
}

function frontOf(
  kind: NonNullable<ReturnType<typeof kindOf>>,
  client: object,
  options: KeyspaceOptions | undefined
): Front {
  switch (kind) {
    case 'client':
      return standaloneFront(client as UpstreamClient, options?.shareConnection === true);
    case 'pool':
      return poolFront(client as UpstreamPool);
    case 'cluster':
      return new ClusterFront(client as UpstreamCluster);
    case 'sentinel':
      return sentinelFront(client as UpstreamSentinel);
  }
}

function apiOf(keyspace: KeyspaceNotifications): Record<string, Method> {
  return {
    subscribeKeyspace: async (target, ...rest) => keyspace.subscribe('keyspace', { target }, rest),
    subscribeKeyevent: async (event, ...rest) => keyspace.subscribe('keyevent', { event }, rest),
    subscribeSubkeyspace: async (target, ...rest) => keyspace.subscribe('subkeyspace', { target }, rest),
    subscribeSubkeyevent: async (event, ...rest) => keyspace.subscribe('subkeyevent', { event }, rest),
    subscribeSubkeyspaceItem: async (target, subkey, ...rest) =>
      keyspace.subscribe('subkeyspaceitem', { target, subkey }, rest),
    subscribeSubkeyspaceEvent: async (event, target, ...rest) =>
      keyspace.subscribe('subkeyspaceevent', { event, target }, rest),
    unsubscribeKeyspace: (target, listener) => keyspace.unsubscribe('keyspace', target, listener),
    unsubscribeKeyevent: (event, listener) => keyspace.unsubscribe('keyevent', event, listener),
    unsubscribeSubkeyspace: (target, listener) => keyspace.unsubscribe('subkeyspace', target, listener),
    unsubscribeSubkeyevent: (event, listener) => keyspace.unsubscribe('subkeyevent', event, listener),
    unsubscribeSubkeyspaceItem: (target, listener) => keyspace.unsubscribe('subkeyspaceitem', target, listener),
    unsubscribeSubkeyspaceEvent: (event, listener) => keyspace.unsubscribe('subkeyspaceevent', event, listener)
  };
}

function wrap(self: object, name: string, make: (original: Method) => Method): void {
  const original = (self as Record<string, unknown>)[name];
  if (typeof original === 'function') define(self, name, make(original as Method));
}

/** Not enumerable: spreading or printing a client shows what it showed before. */
function define(self: object, name: string, value: unknown): void {
  Object.defineProperty(self, name, { value, configurable: true, writable: true, enumerable: false });
}
