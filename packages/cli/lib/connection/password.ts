import { InterruptedError, UsageError } from '../errors';
import type { Io } from '../io';

const ENTER = /[\r\n]/;
const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const ERASE = ['\u007f', '\b'];

/**
 * Asks on `stderr` and reads a line of `stdin`, which on a terminal is not shown.
 * @throws {InterruptedError} Ctrl-C.
 * @throws {UsageError} an empty answer, or none.
 */
export async function askPassword(prompt: string, { stdin, stderr, signal }: Io): Promise<string> {
  stderr.write(prompt);
  stdin.setRawMode?.(true);
  try {
    const password = await readLine(stdin, signal);
    if (!password) throw new UsageError('--ask-password got an empty password');
    return password;
  } finally {
    stdin.setRawMode?.(false);
    stdin.pause();
    stderr.write('\n');
  }
}

function readLine(stdin: Io['stdin'], signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const typed: string[] = [];
    const end = (settle: () => void) => {
      stdin.removeListener('data', onData);
      stdin.removeListener('end', onEnd);
      signal.removeEventListener('abort', onAbort);
      settle();
    };
    const onAbort = () => end(() => reject(new InterruptedError()));
    const onEnd = () => end(() => resolve(typed.join('')));
    const onData = (chunk: Buffer | string) => {
      for (const character of String(chunk)) {
        if (ENTER.test(character) || character === CTRL_D) return onEnd();
        if (character === CTRL_C) return onAbort();
        if (ERASE.includes(character)) typed.pop();
        else typed.push(character);
      }
    };
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    stdin.on('data', onData);
    stdin.on('end', onEnd);
    stdin.resume();
  });
}
