import type { ChildProcess } from 'node:child_process';
import { appendFileSync, rmSync } from 'node:fs';
import { createClient } from '@redis/client';
import { formatConfig, type ServerConfig } from '../processes/config-file';
import { releasePort } from '../processes/ports';
import { type ServerProcess } from '../processes/server-process';
import type { ServerBinary } from '../servers/server-binary';
import { waitFor } from '../wait';
import { ControlConnection, TLS, type CommandArgument } from './control-connection';
import { unregister } from './running-servers';

const createPlainClient = (url: string, tls: boolean) => createClient({ url, socket: tls ? TLS : {} });

/** The client that `RedisServer.client()` gives: @redis/client with its own defaults. */
export type PlainClient = ReturnType<typeof createPlainClient>;

/** A server on 127.0.0.1 that can be hung, killed, restarted on the same port, and stopped. */
export class RedisServer {
  readonly host = '127.0.0.1';
  readonly port: number;
  /** Whether it speaks TLS, and nothing else. */
  readonly tls: boolean;
  readonly binary: ServerBinary;
  readonly server: ServerProcess;
  readonly #controls = new Map<number, ControlConnection>();
  #client: Promise<PlainClient> | undefined;
  #isHanging = false;

  constructor(binary: ServerBinary, server: ServerProcess, port: number, tls: boolean) {
    this.binary = binary;
    this.server = server;
    this.port = port;
    this.tls = tls;
  }

  /** 'host:port', as notifications name their node. */
  get address(): string {
    return `${this.host}:${this.port}`;
  }

  get url(): string {
    return `redis${this.tls ? 's' : ''}://${this.address}`;
  }

  get pid(): number | undefined {
    return this.server.pid;
  }

  get process(): ChildProcess | undefined {
    return this.server.child;
  }

  /** Whether its process exists; true also while it hangs. */
  get isRunning(): boolean {
    return this.server.isRunning;
  }

  /** Whether it is stopped by `hang()`. */
  get isHanging(): boolean {
    return this.#isHanging && this.isRunning;
  }

  /** Whether it can be expected to answer. */
  get isResponsive(): boolean {
    return this.isRunning && !this.#isHanging;
  }

  /** One connected client, the same at each call. It reconnects as clients do, and is closed by `stop()`. */
  client(): Promise<PlainClient> {
    this.#client ??= (async () => {
      const client = createPlainClient(this.url, this.tls);
      client.on('error', () => undefined);
      await client.connect();
      return client;
    })();
    return this.#client;
  }

  /** One command over the kit's own RESP2 connection. Rejects with the server's error, MOVED included. */
  command(...args: readonly CommandArgument[]): Promise<unknown> {
    return this.#control(0).command(args);
  }

  /** As `command`, in one database, and with Buffers where the server sends bulk strings. */
  rawCommand(database: number, ...args: readonly CommandArgument[]): Promise<unknown> {
    return this.#control(database).command(args, { asBuffers: true });
  }

  /** One section of INFO as a map. */
  async info(section: string): Promise<Map<string, string>> {
    const text = String(await this.command('INFO', section));
    return new Map(
      text
        .split('\r\n')
        .filter(line => line.includes(':'))
        .map(line => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)])
    );
  }

  /** Freezes it: connections stay open, nothing is read or answered. */
  async hang(): Promise<void> {
    this.#isHanging = true;
    await this.server.hang();
  }

  /** Wakes it after `hang()`. */
  resume(): void {
    this.#isHanging = false;
    this.server.signal('SIGCONT');
  }

  /** Ends it at once, as a crash does. Resolves when the process has gone. */
  async kill(): Promise<void> {
    await this.server.kill();
    this.#hasEnded();
  }

  /** Ends it in order, as an administrator does. */
  async terminate(): Promise<void> {
    await this.server.terminate();
    this.#hasEnded();
  }

  /** Starts it again on the same port, folder and configuration; a running one is terminated first. */
  async restart(config: ServerConfig = {}): Promise<void> {
    await this.terminate();
    appendFileSync(this.server.configFile, formatConfig(config));
    await this.server.start();
    await waitFor(`${this.address} to load its data`, () => this.command('PING'));
  }

  /** Ends it for good: process, connections, files and port. */
  async stop(): Promise<void> {
    unregister(this);
    await this.kill();
    const client = await this.#client?.catch(() => undefined);
    if (client?.isOpen) {
      client.destroy();
    }
    this.#client = undefined;
    rmSync(this.server.folder, { recursive: true, force: true, maxRetries: 5 });
    releasePort(this.port);
  }

  #hasEnded(): void {
    this.#isHanging = false;
    for (const control of this.#controls.values()) {
      control.close();
    }
  }

  #control(database: number): ControlConnection {
    let control = this.#controls.get(database);
    if (control === undefined) {
      control = new ControlConnection(this.port, { database, tls: this.tls });
      this.#controls.set(database, control);
    }
    return control;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}
