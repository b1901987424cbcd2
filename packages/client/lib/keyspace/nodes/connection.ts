import type { Socket } from 'node:net';
import {
  ClientClosedError,
  completeCommand,
  connectDedicated,
  createDedicatedClient,
  respOf,
  tapBytes,
  tapPushes,
  tapReplies,
  type RedisArgument,
  type RedisClientOptions,
  type UpstreamClient
} from '../../upstream';
import { MessageReader } from './message-reader';

/** What a connection tells its owner. Called synchronously, in the order of the stream. */
export interface ConnectionHandler {
  /** `pattern` is undefined for what came by an exact channel. */
  message(pattern: Buffer | undefined, channel: Buffer, payload: Buffer): void;
  /** The server has taken a sharded channel away: its slot has left the node, or the node changed its role. */
  taken?(channel: Buffer): void;
  /** The connection is gone; told once, never after `destroy()`. */
  closed(error: Error): void;
}

/** Where an answer stands among the messages. Called synchronously. */
export interface AnswerPlace {
  /** From here on the server may have been asked. */
  before(): void;
  /** From here on the server has answered. With RESP3 the same place as `before`. */
  after(): void;
}

/** One connection to one node: subscriptions, PING, and other commands. */
export interface NodeConnection {
  /**
   * Resolves when the server has confirmed; rejects with its `ErrorReply`, or when the connection closes.
   * `onConfirmed` is told the index of each name, in the order of the stream: what the server says of it comes
   * from there on.
   */
  subscribe(names: readonly Buffer[], pattern: boolean, onConfirmed?: (index: number) => void): Promise<void>;
  unsubscribe(names: readonly Buffer[], pattern: boolean): Promise<void>;
  /** Resolves when everything that the server said before has been given to the handler. */
  ping(): Promise<void>;
  command<T>(args: readonly RedisArgument[]): Promise<T>;
  /** As `command`, and tells where in the stream the answer was true. */
  ask?<T>(args: readonly RedisArgument[], place: AnswerPlace): Promise<T>;
  /**
   * SSUBSCRIBE. Rejects with the server's `ErrorReply`: MOVED by a node that does not own the slot. `onRefused` is
   * called where that stands among the messages.
   */
  subscribeSharded?(channel: RedisArgument, onRefused: () => void): Promise<void>;
  /** Whether to read little at a time, so that what is asked meanwhile is sent between. TCP only. @default false */
  sip?(isSipping: boolean): void;
  destroy(): void;
}

/** Opens a dedicated connection. @throws what the connection attempt failed with, or when `signal` aborts. */
export async function openConnection(
  options: RedisClientOptions,
  handler: ConnectionHandler,
  signal: AbortSignal
): Promise<NodeConnection> {
  const client = createDedicatedClient(options);
  const connection = new DedicatedConnection(client, handler, options);
  let abort: (() => void) | undefined;
  // Upstream's promise may stay pending for ever when a client is destroyed while it connects.
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(new Error('gave up connecting', { cause: signal.reason }));
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
  try {
    await Promise.race([aborted, connection.open()]);
    return connection;
  } catch (error) {
    connection.destroy();
    throw error;
  } finally {
    signal.removeEventListener('abort', abort!);
  }
}

const MESSAGE_LENGTH = 'message'.length;
const PMESSAGE_LENGTH = 'pmessage'.length;
const SHARDED_CONFIRMATION = 'ssubscribe';
const SHARDED_END = 'sunsubscribe';
const CONFIRMATIONS: ReadonlySet<string> = new Set(['subscribe', 'psubscribe', 'unsubscribe', 'punsubscribe']);

class DedicatedConnection implements NodeConnection {
  readonly #client: UpstreamClient;
  readonly #handler: ConnectionHandler;
  readonly #options: RedisClientOptions;
  readonly #onError = (error: Error) => this.#lose(error);
  /** RESP2 takes no other command on a subscribed connection: a second one, opened when needed. */
  #companion: Promise<UpstreamClient> | undefined;
  /** The PING that the last question waits for: what is sent later comes behind it, as it does on one connection. */
  #placed: Promise<unknown> = Promise.resolve();
  /** The (un)subscribing command under way: one at a time, so that every confirmation is known to be its. */
  #asking: { readonly total: number; readonly onConfirmed: (index: number) => void; confirmed: number } | undefined;
  #lastAsked: Promise<void> = Promise.resolve();
  /** Of each command that waits for its reply, in order, what to do where the reply stands. */
  readonly #replies: ((isError: boolean) => void)[] = [];
  #closed = false;
  #socket: Socket | undefined;
  #isSipping = false;

  constructor(client: UpstreamClient, handler: ConnectionHandler, options: RedisClientOptions) {
    this.#client = client;
    this.#handler = handler;
    this.#options = options;
    // Upstream's own commands, of its handshake, are answered before the first of ours.
    tapReplies(client, isError => this.#replies.shift()?.(isError));
    tapPushes(client, push => this.#onPush(push));
    if (respOf(options) === 3) {
      tapBytes(client, decode => {
        const reader = new MessageReader(
          (pattern, channel, payload) => handler.message(pattern, channel, payload),
          () => this.#onConfirmed(),
          decode
        );
        const write = (chunk: Buffer) => {
          reader.write(chunk);
          if (this.#isSipping) this.#pause();
        };
        return { write };
      });
    }
    client.on('error', this.#onError);
  }

  async open(): Promise<void> {
    const { connected, socket } = connectDedicated(this.#client);
    this.#socket = socket;
    await connected;
  }

  subscribe(names: readonly Buffer[], pattern: boolean, onConfirmed: (index: number) => void = noop): Promise<void> {
    return this.#ask(pattern ? 'PSUBSCRIBE' : 'SUBSCRIBE', names, onConfirmed);
  }

  unsubscribe(names: readonly Buffer[], pattern: boolean): Promise<void> {
    return this.#ask(pattern ? 'PUNSUBSCRIBE' : 'UNSUBSCRIBE', names, noop);
  }

  async ping(): Promise<void> {
    // A companion that hangs would keep every question waiting; one that breaks is replaced when it is needed.
    const companion = this.#companion?.then(opened => opened.sendCommand(['PING'])).catch(noop);
    await Promise.all([this.#send(['PING']), companion]);
  }

  async command<T>(args: readonly RedisArgument[]): Promise<T> {
    if (respOf(this.#client.options) === 3) return this.#send<T>(args);
    await this.#placed;
    return this.#sendBeside<T>(args);
  }

  async ask<T>(args: readonly RedisArgument[], { before, after }: AnswerPlace): Promise<T> {
    if (respOf(this.#client.options) === 3) {
      return this.#send<T>(args, () => {
        before();
        after();
      });
    }
    const asked = this.#askBetween<T>(args, before, after);
    // As with RESP3: what is subscribed from now on is confirmed behind the answer.
    this.#lastAsked = Promise.all([this.#lastAsked, asked.catch(noop)]).then(noop);
    return asked;
  }

  async #askBetween<T>(args: readonly RedisArgument[], before: () => void, after: () => void): Promise<T> {
    const placed = this.#send(['PING'], before);
    this.#placed = placed.catch(noop);
    await placed;
    try {
      return await this.#sendBeside<T>(args);
    } finally {
      await this.#send(['PING'], after);
    }
  }

  async subscribeSharded(channel: RedisArgument, onRefused: () => void): Promise<void> {
    await this.#send(['SSUBSCRIBE', channel], isError => {
      if (isError) onRefused();
    });
  }

  sip(isSipping: boolean): void {
    this.#isSipping = isSipping;
  }

  destroy(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#client.off('error', this.#onError);
    this.#client.on('error', noop);
    this.#client.destroy();
    this.#companion?.then(companion => companion.destroy(), noop);
  }

  /**
   * Not by upstream's `subscribe`: it would remember the names to send them again, which is our business here,
   * and 100,000 keys would be held twice. To upstream it is a command like any other, answered when the last
   * name is confirmed.
   */
  #ask(command: string, names: readonly Buffer[], onConfirmed: (index: number) => void): Promise<void> {
    const ask = async () => {
      this.#asking = { total: names.length, onConfirmed, confirmed: 0 };
      try {
        await this.#send([command, ...names.map(toArgument)]);
      } finally {
        this.#asking = undefined;
      }
    };
    const asked = this.#lastAsked.then(ask);
    this.#lastAsked = asked.catch(noop);
    return asked;
  }

  #send<T>(args: readonly RedisArgument[], onReplied: (isError: boolean) => void = noop): Promise<T> {
    this.#replies.push(onReplied);
    return this.#client.sendCommand<T>(args);
  }

  async #sendBeside<T>(args: readonly RedisArgument[]): Promise<T> {
    // Ended while the question waited: a companion that is opened now would stay for ever.
    if (this.#closed) throw new ClientClosedError();
    const companion = await (this.#companion ??= this.#openCompanion());
    return companion.sendCommand<T>(args);
  }

  async #openCompanion(): Promise<UpstreamClient> {
    const companion = createDedicatedClient(this.#options);
    companion.on('error', () => {
      this.#companion = undefined;
    });
    try {
      await companion.connect();
      return companion;
    } catch (error) {
      this.#companion = undefined;
      companion.destroy();
      throw error;
    }
  }

  #onPush(push: unknown[]): boolean {
    const kind = push[0] as Buffer | null;
    if (!kind) return false;
    // 'message' and 'pmessage' are the only kinds of their length and first byte; what is no Buffer has no such byte.
    if (kind.length === PMESSAGE_LENGTH && kind[0] === 0x70) {
      this.#handler.message(push[1] as Buffer, push[2] as Buffer, push[3] as Buffer);
      return true;
    }
    if (kind.length === MESSAGE_LENGTH && kind[0] === 0x6d) {
      this.#handler.message(undefined, push[1] as Buffer, push[2] as Buffer);
      return true;
    }
    const name = kind.toString('latin1');
    if (CONFIRMATIONS.has(name)) this.#onConfirmed();
    else if (name === SHARDED_CONFIRMATION) completeCommand(this.#client);
    else if (name === SHARDED_END) this.#handler.taken?.(push[1] as Buffer);
    else return false;
    return true;
  }

  #onConfirmed(): void {
    const asking = this.#asking;
    if (!asking) return;
    asking.onConfirmed(asking.confirmed++);
    if (asking.confirmed === asking.total) completeCommand(this.#client);
  }

  /** Node would read up to 2 MB before it sends anything. */
  #pause(): void {
    const socket = this.#socket?.pause();
    if (socket) setImmediate(() => socket.resume());
  }

  #lose(error: Error): void {
    if (this.#closed) return;
    this.destroy();
    this.#handler.closed(error);
  }
}

const NOT_ASCII = /[\x80-\xff]/;

/** Of many strings upstream makes one write; names that are not ASCII go as the bytes that they are. */
function toArgument(name: Buffer): RedisArgument {
  const text = name.toString('latin1');
  return NOT_ASCII.test(text) ? name : text;
}

function noop(): void {}
