import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { ContenderName } from '.';
import type { StreamProcess } from '../stream/stream-process';

/** What hearing one stream has cost. */
export interface PhaseReport {
  /** Microseconds of the processor, user and system. */
  readonly cpu: number;
  /** Microseconds from the first byte to the last notification. */
  readonly wall: number;
  readonly heard: number;
  /** Bytes; after a collection when the process may collect. */
  readonly heapUsed: number;
}

/** Milliseconds until a contender counts as stuck: it has missed the end of the stream. */
const PATIENCE = 120_000;

/** One contender in a process of its own, seen from the process that conducts the run. */
export class ContenderProcess {
  readonly #child: ChildProcess;
  readonly #stream: StreamProcess;
  readonly #ended: Promise<never>;

  private constructor(name: ContenderName, stream: StreamProcess, child: ChildProcess) {
    this.#stream = stream;
    this.#child = child;
    this.#ended = once(child, 'exit').then(([code]) => {
      throw new Error(`the contender ${name} ended with exit code ${code}`);
    });
    this.#ended.catch(() => undefined);
  }

  /** Resolves when it is subscribed. */
  static async start(
    name: ContenderName,
    stream: StreamProcess,
    execArgv: readonly string[] = []
  ): Promise<ContenderProcess> {
    const child = fork(join(__dirname, 'contender-child.js'), [name, JSON.stringify(stream.ports)], {
      execArgv: [...execArgv],
      stdio: 'inherit'
    });
    const contender = new ContenderProcess(name, stream, child);
    await contender.#report();
    return contender;
  }

  /** Lets it hear a stream of so many notifications. */
  async hear(count: number): Promise<PhaseReport> {
    const [report] = await Promise.all([this.#report(), this.#stream.serve(count)]);
    return report;
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended.catch(() => undefined);
  }

  async #report(): Promise<PhaseReport> {
    const reported = once(this.#child, 'message', { signal: AbortSignal.timeout(PATIENCE) });
    const [report] = (await Promise.race([reported, this.#ended])) as [PhaseReport];
    return report;
  }
}
