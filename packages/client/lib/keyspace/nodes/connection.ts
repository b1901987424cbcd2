import {
  createDedicatedClient,
  forgetSubscriptions,
  respOf,
  tapBytes,
  tapPushes,
  type RedisArgument,
  type RedisClientOptions,
  type UpstreamClient
} from '../../upstream';
import { MessageReader } from './message-reader';

/** What a connection tells its owner. Called synchronously, in the order of the stream. */
export interface ConnectionHandler {
  /** `pattern` is undefined for what came by an exact channel. */
  message(pattern: Buffer | undefined, channel: Buffer, payload: Buffer): void;
  /** The server has subscribed this name: what it says of it from here on comes. */
  confirmed?(name: Buffer, pattern: boolean): void;
  /** The connection is gone; told once, never after `destroy()`. */
  closed(error: Error): void;
}

/** One connection to one node: subscriptions, PING, and other commands. */
export interface NodeConnection {
  /** Resolves when the server has confirmed; rejects with its `ErrorReply`, or when the connection closes. */
  subscribe(names: readonly Buffer[], pattern: boolean): Promise<void>;
  unsubscribe(names: readonly Buffer[], pattern: boolean): Promise<void>;
  /** Resolves when everything that the server said before has been given to the handler. */
  ping(): Promise<void>;
  command<T>(args: readonly RedisArgument[]): Promise<T>;
  destroy(): void;
}

/** Opens a dedicated connection. @throws what the connection attempt failed with, or when `signal` aborts. */
export async function openConnection(options: RedisClientOptions, handler: ConnectionHandler, signal: AbortSignal): Promise<NodeConnection> {
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
    await Promise.race([aborted, client.connect()]);
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
const SUBSCRIBE_LENGTH = 'subscribe'.length;
const PSUBSCRIBE_LENGTH = 'psubscribe'.length;

class DedicatedConnection implements NodeConnection {
  readonly #client: UpstreamClient;
  readonly #handler: ConnectionHandler;
  readonly #options: RedisClientOptions;
  readonly #onError = (error: Error) => this.#lose(error);
  /** RESP2 takes no other command on a subscribed connection: a second one, opened when needed. */
  #companion: Promise<UpstreamClient> | undefined;
  #closed = false;

  constructor(client: UpstreamClient, handler: ConnectionHandler, options: RedisClientOptions) {
    this.#client = client;
    this.#handler = handler;
    this.#options = options;
    tapPushes(client, push => this.#onPush(push));
    if (respOf(options) === 3) {
      tapBytes(client, decode => new MessageReader((pattern, channel, payload) => handler.message(pattern, channel, payload), decode));
    }
    client.on('error', this.#onError);
  }

  async subscribe(names: readonly Buffer[], pattern: boolean): Promise<void> {
    const args = names.map(toArgument);
    const subscribe = pattern ? this.#client.pSubscribe : this.#client.subscribe;
    await subscribe.call(this.#client, args, noop, true);
    forgetSubscriptions(this.#client, args, pattern);
  }

  async unsubscribe(names: readonly Buffer[], pattern: boolean): Promise<void> {
    const args = names.map(toArgument);
    await (pattern ? this.#client.pUnsubscribe(args) : this.#client.unsubscribe(args));
  }

  async ping(): Promise<void> {
    await this.#client.sendCommand(['PING']);
  }

  async command<T>(args: readonly RedisArgument[]): Promise<T> {
    if (respOf(this.#client.options) === 3) return this.#client.sendCommand<T>(args);
    const companion = await (this.#companion ??= this.#openCompanion());
    return companion.sendCommand<T>(args);
  }

  destroy(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#client.off('error', this.#onError);
    this.#client.on('error', noop);
    this.#client.destroy();
    this.#companion?.then(companion => companion.destroy(), noop);
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
    // The only kinds of their length that begin so, too.
    if (kind.length === SUBSCRIBE_LENGTH && kind[0] === 0x73) this.#handler.confirmed?.(push[1] as Buffer, false);
    else if (kind.length === PSUBSCRIBE_LENGTH && kind[0] === 0x70) this.#handler.confirmed?.(push[1] as Buffer, true);
    return false;
  }

  #lose(error: Error): void {
    if (this.#closed) return;
    this.destroy();
    this.#handler.closed(error);
  }
}

// eslint-disable-next-line no-control-regex
const ASCII = /^[\x00-\x7f]*$/;

/**
 * Upstream types names as strings and sends Buffers as they are, which those need that are not UTF-8. The others
 * go as strings: of many strings it makes one write.
 */
function toArgument(name: Buffer): string {
  const text = name.toString('latin1');
  return ASCII.test(text) ? text : (name as unknown as string);
}

function noop(): void {}
