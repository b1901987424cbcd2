import { RESP_TYPES, createClient } from '@redis/client';
import { TestKitUsageError, WaitTimeoutError } from '../errors';

/** What a command may be made of. */
export type CommandArgument = string | Buffer | number;

const PATIENCE = 10_000;

const AS_BUFFERS = { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } };

/** Who the server is need not be proved here: the kit has started it. */
export const TLS = { tls: true, rejectUnauthorized: false } as const;

const open = (port: number, database: number, tls: boolean) =>
  createClient({
    RESP: 2,
    database,
    disableClientInfo: true,
    socket: { host: '127.0.0.1', port, connectTimeout: 5_000, reconnectStrategy: false, ...(tls ? TLS : {}) }
  });

/**
 * The kit's own connection to a server, apart from those under test. It never
 * reconnects behind one's back: the command after a break opens a new one. A
 * server that does not answer fails the command after 10 s instead of hanging
 * the test.
 */
export class ControlConnection {
  readonly #port: number;
  readonly #database: number;
  readonly #tls: boolean;
  #client: Promise<ReturnType<typeof open>> | undefined;

  constructor(port: number, { database = 0, tls = false } = {}) {
    this.#port = port;
    this.#database = database;
    this.#tls = tls;
  }

  /** Sends one command; the reply is as RESP2 gives it. Rejects with the server's error. */
  async command(args: readonly CommandArgument[], { asBuffers = false } = {}): Promise<unknown> {
    if (args.length === 0) {
      throw new TestKitUsageError('A command needs at least its name');
    }
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(
          new WaitTimeoutError(`127.0.0.1:${this.#port} did not answer ${args.slice(0, 3).join(' ')} in ${PATIENCE} ms`)
        );
        this.close();
      }, PATIENCE);
    });
    try {
      return await Promise.race([this.#send(args, asBuffers), silence]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends the connection at once; a later command opens another. */
  close(): void {
    const client = this.#client;
    this.#client = undefined;
    client?.then(
      opened => opened.isOpen && opened.destroy(),
      () => undefined
    );
  }

  async #send(args: readonly CommandArgument[], asBuffers: boolean): Promise<unknown> {
    const client = await this.#connected();
    const words = args.map(arg => (typeof arg === 'number' ? String(arg) : arg));
    return client.sendCommand(words, asBuffers ? AS_BUFFERS : undefined);
  }

  async #connected(): Promise<ReturnType<typeof open>> {
    if (this.#client === undefined || !(await this.#client).isReady) {
      const client = open(this.#port, this.#database, this.#tls);
      const forget = () => {
        if (this.#client === connecting) {
          this.#client = undefined;
        }
      };
      client.on('error', forget);
      const connecting: Promise<ReturnType<typeof open>> = client.connect().then(() => client);
      connecting.catch(forget);
      this.#client = connecting;
    }
    return this.#client;
  }
}
