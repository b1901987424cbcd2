import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { ServerStartError, TestKitUsageError } from '../errors';
import type { ServerBinary } from '../servers/server-binary';
import { sleep, waitFor } from '../wait';
import { reaper } from './reaper';

const READY = /Ready to accept connections|Sentinel ID is/;
const PATIENCE = 30_000;
/** What a server writes of its own end by a fault of its own: of a failed assertion the next line says which. */
const CRASH = /ASSERTION FAILED ===\n.*?==> *(.*)|# *(.* crashed by signal: \d+)/;

/** A server's process, and the folder with its configuration and its log. It can be started again after it ended. */
export class ServerProcess {
  readonly #binary: ServerBinary;
  readonly #sentinel: boolean;
  /** Holds `server.conf` and `server.log`, and is the server's working directory. */
  readonly folder: string;
  #child: ChildProcess | undefined;
  #ended: Promise<unknown> = Promise.resolve();
  #pid: number | undefined;

  constructor(binary: ServerBinary, folder: string, sentinel = false) {
    this.#binary = binary;
    this.#sentinel = sentinel;
    this.folder = folder;
  }

  get configFile(): string {
    return join(this.folder, 'server.conf');
  }

  get logFile(): string {
    return join(this.folder, 'server.log');
  }

  /** The server's own process id, also in a container. Undefined before the first start. */
  get pid(): number | undefined {
    return this.#pid;
  }

  get child(): ChildProcess | undefined {
    return this.#child;
  }

  get isRunning(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Starts it and waits until its log says that it accepts connections. */
  async start(): Promise<void> {
    if (this.isRunning) {
      throw new TestKitUsageError(`The server with the process id ${this.#pid} is running already`);
    }
    const logStart = this.#logLength();
    const child = this.#spawn();
    let failure: Error | undefined;
    child.once('error', error => (failure = error));
    const deadline = Date.now() + PATIENCE;
    for (;;) {
      // Asked before the log is read: what has ended has said all that it will say.
      const { isRunning } = this;
      const log = this.log(logStart);
      if (READY.test(log)) {
        this.#adopt(log);
        return;
      }
      if (failure || !isRunning || Date.now() > deadline) {
        await this.kill();
        const tail = log.trim().split('\n').slice(-8).join('\n');
        throw new ServerStartError(`${this.#binary.label} did not start:\n${tail}`, { cause: failure });
      }
      await sleep(10);
    }
  }

  /** Sends a signal to the server itself. False when it has ended. */
  signal(signal: NodeJS.Signals): boolean {
    if (!this.isRunning || this.#pid === undefined) {
      return false;
    }
    try {
      return process.kill(this.#pid, signal);
    } catch {
      return false;
    }
  }

  /** SIGSTOP: it keeps its sockets and does nothing. Resolves when it has stopped. */
  async hang(): Promise<void> {
    this.signal('SIGSTOP');
    const stat = `/proc/${this.#pid}/stat`;
    if (existsSync(stat)) {
      await waitFor(`process ${this.#pid} to stop`, () => /\) [Tt] /.test(readFileSync(stat, 'utf8')), { interval: 2 });
    }
  }

  /** SIGKILL, also when it hangs. Resolves when it has ended. */
  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.#ended;
  }

  /** SIGTERM: the server ends in order, and saves where it has save points; one that loops is killed. Resolves when it has ended. */
  async terminate(): Promise<void> {
    this.signal('SIGCONT');
    this.signal('SIGTERM');
    const impatience = setTimeout(() => this.signal('SIGKILL'), PATIENCE);
    await this.#ended;
    clearTimeout(impatience);
  }

  /** What its log says of a fault of its own that has ended it; undefined when there was none. */
  get crash(): string | undefined {
    const [, assertion, signal] = CRASH.exec(this.log()) ?? [];
    return assertion ?? signal;
  }

  /** The log, from an offset in bytes. */
  log(from = 0): string {
    if (!existsSync(this.logFile)) {
      return '';
    }
    const file = openSync(this.logFile, 'r');
    try {
      const bytes = Buffer.alloc(Math.max(0, fstatSync(file).size - from));
      readSync(file, bytes, 0, bytes.length, from);
      return bytes.toString();
    } finally {
      closeSync(file);
    }
  }

  #logLength(): number {
    return Buffer.byteLength(this.log());
  }

  #spawn(): ChildProcess {
    const [file, ...prefix] = this.#sentinel ? this.#binary.sentinel : this.#binary.command;
    const args = [...prefix, this.configFile, ...(this.#sentinel ? ['--sentinel'] : [])];
    // Reading the folder first starts the reaper before there is anything to reap.
    void reaper.folder;
    // What is wrong with the configuration is said before the log is open: it goes to the same file.
    const output = openSync(this.logFile, 'a');
    const child = spawn(file, args, { cwd: this.folder, stdio: ['ignore', output, output], detached: true });
    closeSync(output);
    child.unref();
    this.#child = child;
    this.#pid = child.pid;
    if (child.pid !== undefined) {
      const { pid } = child;
      reaper.add(pid);
      this.#ended = once(child, 'exit').finally(() => reaper.delete(pid));
    }
    return child;
  }

  /** In a container the child is not the server; the log's lines begin with the id of the one who writes. */
  #adopt(log: string): void {
    const pid = Number(/^(\d+):[MSCX] .*(?:Ready to accept|Sentinel ID)/m.exec(log)?.[1]);
    if (pid && pid !== this.#pid) {
      this.#pid = pid;
      reaper.add(pid);
      void this.#ended.finally(() => reaper.delete(pid));
    }
  }
}
