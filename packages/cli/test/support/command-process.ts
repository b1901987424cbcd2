import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { waitFor } from '@redis-keyspace/test-utils';

export const COMMAND = resolve(__dirname, '../../bin/keyspace.mjs');

/** The built command as a process without a terminal. */
export class CommandProcess implements Disposable {
  readonly child;
  readonly #exited: Promise<unknown[]>;
  stdout = '';
  stderr = '';

  constructor(argv: readonly string[], env: Record<string, string> = {}) {
    this.child = spawn(process.execPath, [COMMAND, ...argv], {
      env: { ...withoutOurs(process.env), ...env },
      stdio: ['pipe', 'pipe', 'pipe']
    });
    this.child.stdout.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.#exited = once(this.child, 'close');
  }

  get output(): string {
    return this.stdout + this.stderr;
  }

  says(text: string | RegExp): Promise<unknown> {
    return waitFor(`${String(text)} in ${JSON.stringify(this.output)}`, () =>
      typeof text === 'string' ? this.output.includes(text) : text.test(this.output)
    );
  }

  async code(): Promise<number | null> {
    const [code] = await this.#exited;
    return code as number | null;
  }

  async end(signal: NodeJS.Signals): Promise<number | null> {
    this.child.kill(signal);
    return this.code();
  }

  [Symbol.dispose](): void {
    this.child.kill('SIGKILL');
  }
}

/** A developer's own variables are no part of a test. */
function withoutOurs(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^(KEYSPACE_|NO_COLOR$)/.test(name)));
}
