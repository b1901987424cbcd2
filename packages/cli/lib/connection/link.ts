import { createClient, type RedisClientType } from 'redis-keyspace';
import { reasonOf } from '../errors';
import type { ConnectionSettings, Credentials } from './settings';
import { within } from './within';

/** Where a server listens. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** `host:port`, as notifications name their node. */
export function addressOf({ host, port }: Endpoint): string {
  return `${host}:${port}`;
}

/** What `createClient()` is to be told of one server. */
export function clientOptions(
  { host, port }: Endpoint,
  { tls, timeout }: ConnectionSettings,
  credentials: Credentials
) {
  const socket = { host, port, connectTimeout: timeout };
  return { ...credentials, socket: tls ? { ...socket, tls: true as const, ...tls } : socket };
}

/** One connection to one server, for questions and for what it alone says. Not made again when it breaks. */
export class Link implements Disposable {
  readonly address: string;
  readonly client: RedisClientType;
  readonly #timeout: number;

  private constructor(endpoint: Endpoint, settings: ConnectionSettings, credentials: Credentials) {
    this.address = addressOf(endpoint);
    this.#timeout = settings.timeout;
    const options = clientOptions(endpoint, settings, credentials);
    this.client = createClient({
      ...options,
      socket: { ...options.socket, reconnectStrategy: false },
      keyspace: { notifyKeyspaceEvents: 'ignore', subscribeTimeout: settings.timeout }
    });
    this.client.on('error', () => undefined);
  }

  /** Rejects with the reason, if it does not answer in time. */
  static async open(
    endpoint: Endpoint,
    settings: ConnectionSettings,
    credentials: Credentials = settings.credentials
  ): Promise<Link> {
    const link = new Link(endpoint, settings, credentials);
    try {
      // A server that hangs accepts connections and says nothing.
      await within('answer', settings.timeout, link.client.connect());
      return link;
    } catch (error) {
      link[Symbol.dispose]();
      throw new Error(reasonOf(error), { cause: error });
    }
  }

  /** Rejects with the server's error, or when it does not answer in time. */
  ask(...command: readonly string[]): Promise<unknown> {
    return within(`answer to ${command[0]}`, this.#timeout, this.client.sendCommand([...command]));
  }

  [Symbol.dispose](): void {
    if (this.client.isOpen) this.client.destroy();
  }
}
