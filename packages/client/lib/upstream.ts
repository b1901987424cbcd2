/**
 * The only door into `@redis/client`. Everything here that is not part of its public interface is named and
 * explained, with the version in which it was read (6.3.1), so that a contribution upstream can replace it.
 */
import diagnosticsChannel from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import {
  ClientClosedError,
  ClientOfflineError,
  ErrorReply,
  RedisClient,
  RESP_TYPES,
  type RedisArgument,
  type RedisClientOptions,
  type RedisClusterOptions,
  type RedisSentinelOptions
} from '@redis/client';

export { ClientClosedError, ClientOfflineError, ErrorReply };
export type { RedisArgument, RedisClientOptions, RedisClusterOptions, RedisSentinelOptions };

/** What we use of a `RedisClient`, whatever its modules and mappings. */
export interface UpstreamClient {
  readonly isOpen: boolean;
  readonly isReady: boolean;
  readonly options: RedisClientOptions;
  connect(): Promise<unknown>;
  destroy(): void;
  on(event: string, listener: (...args: never[]) => void): unknown;
  off(event: string, listener: (...args: never[]) => void): unknown;
  sendCommand<T>(args: readonly RedisArgument[], options?: { readonly typeMapping?: object }): Promise<T>;
  subscribe: UpstreamSubscribe;
  pSubscribe: UpstreamSubscribe;
  unsubscribe: UpstreamUnsubscribe;
  pUnsubscribe: UpstreamUnsubscribe;
}

type UpstreamSubscribe = (names: string[], listener: () => void, bufferMode: true) => Promise<void>;
type UpstreamUnsubscribe = (names: string[], listener?: () => void, bufferMode?: true) => Promise<void>;

interface Decoder {
  write(chunk: Buffer): void;
  onPush(push: unknown[]): void;
  onReply(reply: unknown): void;
  onErrorReply(error: unknown): void;
  getTypeMapping(): object;
}

interface ChannelListeners {
  readonly buffers: Set<unknown>;
  readonly strings: Set<unknown>;
}

interface CommandsQueue {
  readonly decoder: Decoder;
  getPubSubListeners(type: 'CHANNELS' | 'PATTERNS'): Map<unknown, unknown>;
}

/** `_getQueue()` is `@internal`: the way to the decoder, whose `onPush` is a plain property. */
function queueOf(client: UpstreamClient): CommandsQueue {
  return (client as unknown as { _getQueue(): CommandsQueue })._getQueue();
}

export function respOf(options: RedisClientOptions): 2 | 3 {
  return (options.RESP as number | undefined) === 2 ? 2 : 3;
}

/**
 * A client for one connection that does nothing by itself: no reconnection (its owner decides), no cache, no
 * maintenance notifications, no SELECT. It keeps credentials, TLS, socket settings, name and RESP.
 */
export function createDedicatedClient(options: RedisClientOptions): UpstreamClient {
  const { credentialsProvider, username, password, name, RESP, disableClientInfo, clientInfoTag } = options;
  return factoryOf(respOf(options))({
    credentialsProvider,
    username,
    password,
    name,
    RESP,
    disableClientInfo,
    clientInfoTag,
    maintNotifications: 'disabled',
    socket: { ...options.socket, reconnectStrategy: false }
  }) as UpstreamClient;
}

const newSockets = diagnosticsChannel.channel('net.client.socket');

/**
 * `connect()`, and the socket, which upstream keeps to itself: Node tells of each TCP socket that it opens, and
 * upstream opens the first one before it awaits anything. Node does not tell of TLS sockets: then undefined.
 */
export function connectDedicated(client: UpstreamClient): { connected: Promise<unknown>; socket: Socket | undefined } {
  let socket: Socket | undefined;
  const onSocket = (message: unknown) => ({ socket } = message as { socket: Socket });
  newSockets.subscribe(onSocket);
  try {
    return { connected: client.connect(), socket };
  } finally {
    newSockets.unsubscribe(onSocket);
  }
}

type ClientFactory = (options: RedisClientOptions) => unknown;
const factories = new Map<2 | 3, ClientFactory>();

/** `createClient` builds a class of hundreds of commands whenever it is called in turn with other options. */
function factoryOf(RESP: 2 | 3): ClientFactory {
  let factory = factories.get(RESP);
  if (!factory) factories.set(RESP, (factory = RedisClient.factory({ RESP }) as ClientFactory));
  return factory;
}

const RAW_MAPPING = { [RESP_TYPES.BLOB_STRING]: Buffer, [RESP_TYPES.SIMPLE_STRING]: Buffer };

/** As `sendCommand`, with the bytes of all strings as they are. */
export function sendForBytes<T>(client: UpstreamClient, args: readonly RedisArgument[]): Promise<T> {
  return client.sendCommand<T>(args, { typeMapping: RAW_MAPPING });
}

/**
 * Gives every push of a connection, in order and as Buffers, to `onPush` before upstream's own bookkeeping
 * sees it; what it returns true for goes no further. With RESP2 pushes are arrays among the replies: there
 * `onReply` and `getTypeMapping`, which upstream assigns anew and makes depend on the command in flight, are
 * held in place. Such a connection must carry nothing but subscriptions and PING.
 * @returns a function that takes the tap out again (RESP3 only: a RESP2 connection is never shared).
 */
export function tapPushes(client: UpstreamClient, onPush: (push: unknown[]) => boolean): () => void {
  const { decoder } = queueOf(client);
  const upstreamOnPush = decoder.onPush;
  decoder.onPush = push => {
    if (!onPush(push)) upstreamOnPush.call(decoder, push);
  };
  if (respOf(client.options) === 2) tapArrays(decoder, onPush);
  return () => {
    decoder.onPush = upstreamOnPush;
  };
}

/**
 * Puts a reader in front of the decoder, which gives on what is not for it: in order, and never a part of a
 * value, for the decoder keeps to itself where it stands. For dedicated RESP3 connections, before they connect.
 */
export function tapBytes(
  client: UpstreamClient,
  makeReader: (decode: (bytes: Buffer) => void) => { write(chunk: Buffer): void }
): void {
  const { decoder } = queueOf(client);
  const decode = decoder.write.bind(decoder);
  const reader = makeReader(decode);
  decoder.write = chunk => reader.write(chunk);
}

function tapArrays(decoder: Decoder, onPush: (push: unknown[]) => boolean): void {
  let upstreamOnReply = decoder.onReply;
  const onReply = (reply: unknown) => {
    if (!Array.isArray(reply) || !onPush(reply)) upstreamOnReply.call(decoder, reply);
  };
  Object.defineProperty(decoder, 'onReply', {
    get: () => onReply,
    set: (assigned: Decoder['onReply']) => {
      upstreamOnReply = assigned;
    }
  });
  Object.defineProperty(decoder, 'getTypeMapping', { get: () => () => RAW_MAPPING, set: () => undefined });
}

/**
 * Tells of every reply where it stands in the stream: a promise is settled later, when more of the stream may
 * have been read. For dedicated connections, before `tapPushes`.
 */
export function tapReplies(client: UpstreamClient, onReplied: (isError: boolean) => void): void {
  const { decoder } = queueOf(client);
  for (const name of ['onReply', 'onErrorReply'] as const) {
    const upstream = decoder[name];
    decoder[name] = reply => {
      onReplied(name === 'onErrorReply');
      upstream.call(decoder, reply);
    };
  }
}

/**
 * Answers the oldest command that waits for its reply, with nothing: an (un)subscribing one that was sent like
 * any other has no reply of its own, only confirmations, which a tap has taken.
 */
export function completeCommand(client: UpstreamClient): void {
  queueOf(client).decoder.onReply(null);
}

/** Takes a listener back without a word to the server, whose connection is gone: upstream would subscribe it again. */
export function forgetListener(client: UpstreamClient, name: unknown, pattern: boolean, listener: () => void): void {
  const listeners = queueOf(client).getPubSubListeners(pattern ? 'PATTERNS' : 'CHANNELS') as Map<
    unknown,
    ChannelListeners
  >;
  const sets = listeners.get(name);
  if (sets?.buffers.delete(listener) && !sets.buffers.size && !sets.strings.size) listeners.delete(name);
}

/**
 * The object behind all proxies of a client (`withTypeMapping()` and its kin are made by `Object.create`):
 * what is set there is seen by every one of them, and not by a `duplicate()`.
 */
export function selfOf<T extends object>(client: T): T {
  return (client as { _self?: T })._self ?? client;
}

/**
 * The client to add listeners to and to take them away from. What its user holds is `Object.create(client)` (6.3.1):
 * their listeners are kept with the client and counted there, so that `off()` on the client itself may take ours
 * for the last of all, and forget theirs. Here nothing is counted.
 */
export function facadeOf<T extends object>(client: T): T {
  return Object.create(selfOf(client), { _eventsCount: { value: Infinity, writable: true } }) as T;
}

type Method = (...args: unknown[]) => unknown;

/** Puts a method in front of a client's own, for its proxies too. @returns a function that takes it away again. */
export function wrapMethod(client: object, name: string, make: (original: Method) => Method): () => void {
  const self = selfOf(client) as Record<string, Method>;
  const original = self[name];
  const enumerable = Object.prototype.propertyIsEnumerable.call(self, name);
  const define = (value: Method) =>
    Object.defineProperty(self, name, { value, configurable: true, writable: true, enumerable });
  define(make(original));
  return () => define(original);
}

/** The database that a client has selected since it was made, which upstream keeps to itself; undefined for none. */
export function followSelect(client: UpstreamClient): () => number | undefined {
  let selected: number | undefined;
  for (const name of ['SELECT', 'select']) {
    wrapMethod(
      client,
      name,
      original =>
        async function (this: unknown, database: unknown) {
          await original.call(this, database);
          selected = Number(database);
        }
    );
  }
  return () => selected;
}

export const CLIENT_KINDS = ['client', 'pool', 'cluster', 'sentinel'] as const;
export type ClientKind = (typeof CLIENT_KINDS)[number];

/** By what it can do, since two copies of `@redis/client` may be loaded. */
export function kindOf(client: unknown): ClientKind | undefined {
  if (typeof client !== 'object' || client === null) return undefined;
  const has = (...names: string[]) => names.every(name => name in client);
  if (has('_slots', 'nodeByAddress', 'getRandomNode')) return 'cluster';
  if (has('getMasterNode', 'getSentinelNode', 'acquire')) return 'sentinel';
  if (has('execute', 'idleClients', 'tasksQueueLength')) return 'pool';
  if (has('_getQueue', 'socketEpoch', 'pSubscribe')) return 'client';
  return undefined;
}

/** The bytes of the client's own `keyPrefix`. */
export function keyPrefixOf(client: object): Buffer {
  const prefix = (client as { readonly _keyPrefix?: RedisArgument })._keyPrefix;
  return prefix === undefined ? Buffer.alloc(0) : Buffer.from(prefix as string);
}

/** By what upstream's diagnostics name a single client; how they name the others it keeps to itself. */
export function clientIdOf(client: object): string | undefined {
  return (client as { readonly _clientId?: string })._clientId;
}

export interface UpstreamPool {
  readonly isOpen: boolean;
  readonly isClosing: boolean;
  execute<T>(fn: (client: UpstreamClient) => T): Promise<T>;
}

/** A pool does not show its options; a pooled client does. */
export function poolClientOptions(pool: UpstreamPool): Promise<RedisClientOptions> {
  return pool.execute(client => client.options);
}

export interface UpstreamNode {
  readonly address: string;
  readonly host: string;
  readonly port: number;
  readonly client?: UpstreamClient;
}

export interface UpstreamCluster {
  readonly isOpen: boolean;
  readonly isReady: boolean;
  readonly masters: readonly UpstreamNode[];
  readonly replicas: readonly UpstreamNode[];
  readonly _options: RedisClusterOptions;
  /** `rediscover` reads the slot map anew; concurrent calls share one. */
  readonly _slots: {
    rediscover(): Promise<void>;
    readonly nodeByAddress: ReadonlyMap<string, UpstreamNode>;
  };
}

/** The options of a connection to a discovered node, as upstream makes them of `defaults`. */
export function clusterNodeOptions(
  { _options: options }: UpstreamCluster,
  host: string,
  port: number
): RedisClientOptions {
  const address = `${host}:${port}`;
  const { nodeAddressMap: map, defaults } = options;
  const mapped = typeof map === 'function' ? map(address) : map?.[address];
  const socket = { ...defaults?.socket, ...(mapped ?? { host, port }) };
  return { ...defaults, RESP: options.RESP, socket };
}

/** The options of a connection to a root node, as upstream makes them: `defaults` under the node's own. */
export function clusterRootOptions({ _options: options }: UpstreamCluster): RedisClientOptions[] {
  return options.rootNodes.map(({ url, ...node }) => {
    const parsed = (url === undefined ? {} : RedisClient.parseURL(url)) as RedisClientOptions;
    const socket = { ...options.defaults?.socket, ...node.socket, ...parsed.socket };
    return { ...options.defaults, ...node, ...parsed, RESP: options.RESP, socket };
  });
}

/** Tells whenever upstream reads its slot map anew, which it does after a redirect or a reconnection. */
export function onRediscovery(cluster: UpstreamCluster, listener: () => void): () => void {
  const slots = cluster._slots as { rediscover(...args: unknown[]): Promise<void> };
  const original = slots.rediscover;
  const wrapped = function (this: unknown, ...args: unknown[]) {
    listener();
    return original.apply(this, args);
  };
  slots.rediscover = wrapped;
  return () => {
    if (slots.rediscover === wrapped) slots.rediscover = original;
  };
}

/**
 * Lets upstream read its slot map anew. Closed meanwhile, it goes on connecting to the nodes that it finds and
 * leaves them open for ever (6.3.1): they are ended here. What fails it reports by its own `error`, and so it
 * would a client that is ended during its handshake: such a one is left until it is ready or has failed.
 */
export function rediscover(cluster: UpstreamCluster & NodeJS.EventEmitter): void {
  const sweep = (handshakes: boolean) => {
    if (cluster.isOpen) return;
    for (const { client } of cluster._slots.nodeByAddress.values()) {
      if (client?.isReady || (handshakes && client?.isOpen)) client.destroy();
    }
  };
  // Not from within the events: upstream is in the middle of its own bookkeeping.
  const onReady = () => void setImmediate(sweep, false);
  const onError = () => void setImmediate(sweep, true);
  cluster.on('node-ready', onReady);
  cluster.on('node-error', onError);
  const done = () => {
    cluster.off('node-ready', onReady);
    cluster.off('node-error', onError);
    sweep(true);
  };
  cluster._slots.rediscover().then(done, done);
}

export interface UpstreamSentinel {
  readonly isOpen: boolean;
  readonly isReady: boolean;
  getMasterNode(): { readonly host: string; readonly port: number } | undefined;
  getReplicaNodes(): ReadonlyMap<{ readonly host: string; readonly port: number }, number>;
  duplicate(): unknown;
  on(event: string, listener: (...args: never[]) => void): unknown;
  off(event: string, listener: (...args: never[]) => void): unknown;
}

/**
 * A sentinel client keeps its options private, but hands them to the constructor of its prototype when it is
 * duplicated: a prototype of ours catches them there, and nothing is made.
 */
export function sentinelOptions(sentinel: UpstreamSentinel): RedisSentinelOptions {
  let caught: RedisSentinelOptions | undefined;
  function Catcher(options: RedisSentinelOptions): void {
    caught = options;
  }
  const probe = Object.create({ constructor: Catcher }, { _self: { value: selfOf(sentinel) } }) as object;
  sentinel.duplicate.call(probe);
  return caught!;
}

/** The options of a connection to a monitored node, as upstream makes them of `nodeClientOptions`. */
export function sentinelNodeOptions(options: RedisSentinelOptions, host: string, port: number): RedisClientOptions {
  const { nodeAddressMap: map, nodeClientOptions } = options;
  const address = `${host}:${port}`;
  const mapped = (typeof map === 'function' ? map(address) : map?.[address]) ?? { host, port };
  const socket = { ...nodeClientOptions?.socket, ...mapped };
  return { RESP: options.RESP, ...nodeClientOptions, socket };
}
