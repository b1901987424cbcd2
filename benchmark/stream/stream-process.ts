import { once } from 'node:events';
import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';

export interface StreamRequest {
  readonly count: number;
}

export type StreamReport = { readonly ports: readonly number[] } | { readonly served: number };

/** The stream's server, seen from the process that conducts the run. */
export class StreamProcess {
  readonly #child: ChildProcess;
  readonly ports: readonly number[];

  private constructor(child: ChildProcess, ports: readonly number[]) {
    this.#child = child;
    this.ports = ports;
  }

  static async start(): Promise<StreamProcess> {
    const child = fork(join(__dirname, 'stream-server.js'), { stdio: 'inherit' });
    const [report] = (await once(child, 'message')) as [Extract<StreamReport, { ports: unknown }>];
    return new StreamProcess(child, report.ports);
  }

  /** Sends `count` notifications to every subscribed connection. Resolves when the kernel has them. */
  async serve(count: number): Promise<void> {
    this.#child.send({ count } satisfies StreamRequest);
    const [report] = (await once(this.#child, 'message')) as [Extract<StreamReport, { served: unknown }>];
    if (report.served !== 1)
      throw new Error(`${report.served} connections are subscribed to the stream instead of one`);
  }

  stop(): void {
    this.#child.kill();
  }
}
