import { EventEmitter } from 'node:events';
import { run } from '../../lib/program';
import type { Input, Io, Output } from '../../lib/io';

/** What stands for a terminal's keyboard: what is typed is given by `type()`. */
export class FakeInput extends EventEmitter implements Input {
  /** Whether it is read without being shown, as it was set in turn. */
  readonly rawModes: boolean[] = [];

  setRawMode(mode: boolean): void {
    this.rawModes.push(mode);
  }

  resume(): void {}

  pause(): void {}

  type(text: string): void {
    this.emit('data', Buffer.from(text));
  }
}

/** An output that keeps what was written to it. */
export class FakeOutput extends EventEmitter implements Output {
  text = '';
  columns: number | undefined = 80;
  rows: number | undefined = 24;
  /** Whether it is full: then it wants a rest until `drain`. */
  isFull = false;

  write(text: string): boolean {
    this.text += text;
    return !this.isFull;
  }

  get lines(): string[] {
    return this.text.split('\n').slice(0, -1);
  }
}

/** An `Io` without a process. */
export class FakeIo implements Io {
  readonly stdout = new FakeOutput();
  readonly stderr = new FakeOutput();
  readonly stdin = new FakeInput();
  readonly env: Record<string, string | undefined>;
  readonly isTTY: boolean;
  readonly controller = new AbortController();

  constructor({ env = {}, isTTY = false }: { env?: Record<string, string | undefined>; isTTY?: boolean } = {}) {
    this.env = env;
    this.isTTY = isTTY;
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }
}

/** Runs a command within this process. */
export async function runInProcess(argv: readonly string[], options: ConstructorParameters<typeof FakeIo>[0] = {}) {
  const io = new FakeIo(options);
  const code = await run(argv, io);
  return { code, stdout: io.stdout.text, stderr: io.stderr.text, lines: io.stdout.lines };
}
