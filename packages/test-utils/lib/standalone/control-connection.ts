import { createClient } from '@redis/client';
import { TestKitUsageError, WaitTimeoutError } from '../errors';

/** What a command may be made of. */
export type CommandArgument = string | Buffer | number;

const PATIENCE = 10_000;

const open = (port: number) =>
  createClient({
    RESP: 2,
    disableClientInfo: true,
    socket: { host: '127.0.0.1', port, connectTimeout: 5_000, reconnectStrategy: false }
  });

/**
 * The kit's own connection to a server, apart from those under test. It never
 * reconnects behind one's back: the command after a break opens a new one. A
 * server that does not answer fails the command after 10 s instead of hanging
 * the test.
 */
export class ControlConnection {
  readonly #port: number;
  #client: Promise<ReturnType<typeof open>> | undefined;

  constructor(port: number) {
    this.#port = port;
  }

  /** Sends one command; the reply is as RESP2 gives it. Rejects with the server's error. */
  async command(...args: readonly CommandArgument[]): Promise<unknown> {
    if (args.length === 0) {
      throw new TestKitUsageError('A command needs at least its name');
    }
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new WaitTimeoutError(`127.0.0.1:${this.#port} did not answer ${args.slice(0, 3).join(' ')} in ${PATIENCE} ms`));
        this.close();
      }, PATIENCE);
    });
    try {
      return await Promise.race([this.#send(args), silence]);
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

  async #send(args: readonly CommandArgument[]): Promise<unknown> {
    const client = await this.#connected();
    return client.sendCommand(args.map(arg => (typeof arg === 'number' ? String(arg) : arg)));
  }

  async #connected(): Promise<ReturnType<typeof open>> {
    if (this.#client === undefined || !(await this.#client).isReady) {
      const client = open(this.#port);
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
