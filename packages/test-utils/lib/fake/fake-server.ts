import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { waitFor, type WaitOptions } from '../wait';
import { register, unregister } from '../standalone/running-servers';
import { defaultReply } from './default-replies';
import { FakeConnection } from './fake-connection';
import { NO_REPLY, error, type Reply } from './reply';
import { RequestParser } from './request-parser';

/** One command that has arrived. */
export interface RecordedCommand {
  readonly connection: FakeConnection;
  readonly args: readonly string[];
  readonly bytes: readonly Buffer[];
}

/**
 * The script: what the server answers. A Reply is sent; undefined leaves it to
 * the default replies; NO_REPLY says nothing. Arguments come as strings and, for
 * those that are not text, as bytes.
 */
export type Script = (
  args: readonly string[],
  connection: FakeConnection,
  bytes: readonly Buffer[]
) => Reply | typeof NO_REPLY | undefined | Promise<Reply | typeof NO_REPLY | undefined>;

export interface FakeServerOptions {
  onCommand?: Script;
  onConnection?: (connection: FakeConnection) => void;
  /** @default any that is free */
  port?: number;
}

/** A scripted server: speaks RESP on a real socket of 127.0.0.1, and does nothing that it is not told. */
export class FakeServer {
  readonly host = '127.0.0.1';
  readonly #server: Server;
  readonly #options: FakeServerOptions;
  readonly #connections = new Set<FakeConnection>();
  /** Every command so far, in the order of arrival. */
  readonly commands: RecordedCommand[] = [];
  #accepted = 0;

  private constructor(options: FakeServerOptions) {
    this.#options = options;
    this.#server = createServer(socket => this.#accept(socket));
  }

  /** Listens on a port of 127.0.0.1. */
  static async start(options: FakeServerOptions = {}): Promise<FakeServer> {
    const fake = new FakeServer(options);
    await new Promise<void>((resolve, reject) => {
      fake.#server.once('error', reject);
      fake.#server.listen(options.port ?? 0, fake.host, resolve);
    });
    register(fake);
    return fake;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get address(): string {
    return `${this.host}:${this.port}`;
  }

  get url(): string {
    return `redis://${this.address}`;
  }

  /** The connections that are open now. */
  get connections(): readonly FakeConnection[] {
    return [...this.#connections];
  }

  /** How many connections there have been. */
  get accepted(): number {
    return this.#accepted;
  }

  /** Resolves with the first command, past ones included, that has this name and passes the test. */
  waitForCommand(
    name: string,
    test: (command: RecordedCommand) => boolean = () => true,
    options?: WaitOptions
  ): Promise<RecordedCommand> {
    const wanted = (command: RecordedCommand) => command.args[0].toUpperCase() === name.toUpperCase() && test(command);
    return waitFor(`the command ${name}`, () => this.commands.find(wanted), { interval: 2, ...options });
  }

  /** Sends an out-of-band message to every connection. */
  push(...items: readonly Reply[]): void {
    this.connections.forEach(connection => connection.push(...items));
  }

  /** Closes every connection; new ones are accepted. */
  cut(): void {
    this.connections.forEach(connection => connection.cut());
  }

  /** Closes every connection and the port. */
  async stop(): Promise<void> {
    unregister(this);
    const closed = new Promise(resolve => this.#server.close(resolve));
    this.connections.forEach(({ socket }) => socket.destroy());
    await closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #accept(socket: Socket): void {
    const connection = new FakeConnection(++this.#accepted, socket);
    const parser = new RequestParser();
    this.#connections.add(connection);
    // One queue for each connection: replies leave in the order of the commands, also when a script takes its time.
    let answered: Promise<void> = Promise.resolve();
    socket.on('data', piece => {
      for (const bytes of parser.write(piece)) {
        const args = bytes.map(String);
        this.commands.push({ connection, args, bytes });
        answered = answered.then(() => this.#answer(args, connection, bytes));
      }
    });
    socket.on('error', () => undefined);
    socket.on('close', () => this.#connections.delete(connection));
    this.#options.onConnection?.(connection);
  }

  async #answer(args: readonly string[], connection: FakeConnection, bytes: readonly Buffer[]): Promise<void> {
    try {
      const scripted = await this.#options.onCommand?.(args, connection, bytes);
      const reply = scripted === undefined ? defaultReply(args, connection, bytes) : scripted;
      if (reply !== NO_REPLY) {
        connection.reply(reply);
      }
    } catch (cause) {
      connection.reply(error(`ERR the script failed: ${String(cause)}`));
    }
  }
}
