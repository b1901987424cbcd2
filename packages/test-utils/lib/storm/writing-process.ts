import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { extname, join } from 'node:path';
import { TestKitUsageError } from '../errors';
import { reaper } from '../processes/reaper';
import type { Call, CallAnswer, CallName, WritingCalls } from './writing-calls';

/** ms that a call may take. The longest is to stop: the last writes may get no answer. */
const PATIENCE = 60_000;

type Answer<N extends CallName> = Awaited<ReturnType<WritingCalls[N]>>;

/** A call under way. */
interface Waiting {
  resolve(value: unknown): void;
  fail(why: string): void;
}

/** The process that writes, and the calls that it has not answered yet. It ends with us, and does not keep us alive. */
export class WritingProcess {
  readonly #child = forkProgram();
  readonly #waiting = new Map<number, Waiting>();
  #calls = 0;
  /** How it has ended. */
  #end: string | undefined;

  constructor() {
    this.#child.on('message', (answer: CallAnswer) => this.#answered(answer));
    this.#child.once('error', error => this.#ended(error.message));
    this.#child.once('exit', (code, signal) => this.#ended(signal ?? `exit code ${code}`));
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  async call<N extends CallName>(name: N, ...args: Parameters<WritingCalls[N]>): Promise<Answer<N>> {
    const id = this.#calls++;
    const call: Call<N> = { id, name, args };
    let timer: NodeJS.Timeout | undefined;
    const answer = new Promise<unknown>((resolve, reject) => {
      const fail = (why: string) => reject(new TestKitUsageError(`The process that writes ${why}: ${name}`));
      if (this.#end !== undefined) {
        fail(`has ended (${this.#end})`);
        return;
      }
      this.#waiting.set(id, { resolve, fail });
      // While we wait, the timer keeps us alive.
      timer = setTimeout(fail, PATIENCE, `has not answered for ${PATIENCE} ms`);
      this.#child.send(call, error => error && fail(`cannot be asked (${error.message})`));
    });
    try {
      return (await answer) as Answer<N>;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(id);
    }
  }

  /** SIGKILL, whatever it does. Resolves when it has ended. */
  async kill(): Promise<void> {
    if (this.#end === undefined) {
      const exit = once(this.#child, 'exit');
      this.#child.ref();
      this.#child.kill('SIGKILL');
      await exit;
    }
  }

  #answered({ id, value, error }: CallAnswer): void {
    const waiting = this.#waiting.get(id);
    if (error === undefined) {
      waiting?.resolve(value);
    } else {
      waiting?.fail(`has failed (${error})`);
    }
  }

  #ended(how: string): void {
    this.#end ??= how;
    for (const { fail } of this.#waiting.values()) {
      fail(`has ended (${how})`);
    }
  }
}

/** The program lies beside this file: compiled, or as a source that tsx has to read. */
function forkProgram(): ChildProcess {
  const extension = extname(__filename);
  const program = join(__dirname, `writing-program${extension}`);
  // Who has loaded tsx by a `require`, as mocha does, has no argument that the process could inherit.
  const needsLoader = extension === '.ts' && !process.execArgv.some(argument => /\btsx\b/.test(argument));
  const child = fork(program, [], {
    // Of a copy of our own arguments, Node would not leave out the script of --eval.
    execArgv: needsLoader ? ['--require', require.resolve('tsx/cjs')] : process.execArgv,
    // Buffers stay Buffers.
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    // Nothing that is measured runs there.
    env: { ...process.env, NODE_V8_COVERAGE: undefined }
  });
  const { pid } = child;
  if (pid !== undefined) {
    // A process that hangs does not see that we are gone.
    reaper.add(pid);
    child.once('exit', () => reaper.delete(pid));
  }
  child.unref();
  child.channel?.unref();
  return child;
}
