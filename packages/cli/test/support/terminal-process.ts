import { resolve } from 'node:path';
import { spawn, type IPty } from '@lydell/node-pty';
import { waitFor } from '@redis-keyspace/test-utils';

const COMMAND = resolve(__dirname, '../../bin/keyspace.mjs');

/** The built command on a pseudo-terminal. */
export class TerminalProcess implements Disposable {
  readonly #terminal: IPty;
  readonly #exited: Promise<number>;
  #isOver = false;
  output = '';

  constructor(argv: readonly string[], env: Record<string, string> = {}) {
    const own = Object.entries(process.env).filter(([name]) => !/^(KEYSPACE_|NO_COLOR$)/.test(name));
    this.#terminal = spawn(process.execPath, [COMMAND, ...argv], {
      cols: 80,
      rows: 24,
      env: { ...Object.fromEntries(own), ...env }
    });
    this.#terminal.onData(text => (this.output += text));
    this.#exited = new Promise(done =>
      this.#terminal.onExit(({ exitCode }) => {
        this.#isOver = true;
        done(exitCode);
      })
    );
  }

  says(text: string | RegExp): Promise<unknown> {
    return waitFor(`${String(text)} in ${JSON.stringify(this.output)}`, () =>
      typeof text === 'string' ? this.output.includes(text) : text.test(this.output)
    );
  }

  type(text: string): void {
    this.#terminal.write(text);
  }

  code(): Promise<number> {
    return this.#exited;
  }

  /** What a reader sees after all that was written: lines, and the two sequences by which a table is redrawn. */
  screen(): string[] {
    const lines = [''];
    for (const [, up, below, , text] of this.output.matchAll(
      // eslint-disable-next-line no-control-regex -- it is about these
      /\u001b\[(\d+)A|(\u001b\[0J)|(\u001b\[[\d;?]*[a-zA-Z])|([^\u001b])/g
    )) {
      if (up) lines.splice(lines.length - 1 - Number(up), Infinity, '');
      else if (below || text === undefined || text === '\r') continue;
      else if (text === '\n') lines.push('');
      else lines[lines.length - 1] += text;
    }
    return lines;
  }

  [Symbol.dispose](): void {
    if (!this.#isOver) this.#terminal.kill('SIGKILL');
  }
}
