import { InterruptedError } from './errors';
import type { Io } from './io';

const ENTER = /[\r\n]/;
const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const ERASE = ['\u007f', '\b'];

/**
 * A line of `stdin`, also of a terminal that passes on every key; undefined at its end, when nothing was typed.
 * @throws {InterruptedError} Ctrl-C.
 */
export function readLine({ stdin, signal }: Pick<Io, 'stdin' | 'signal'>): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const typed: string[] = [];
    const end = (settle: () => void) => {
      stdin.removeListener('data', onData);
      stdin.removeListener('end', onEnd);
      signal.removeEventListener('abort', onAbort);
      stdin.pause();
      settle();
    };
    const onAbort = () => end(() => reject(new InterruptedError()));
    const onEnd = () => end(() => resolve(typed.length ? typed.join('') : undefined));
    const onData = (chunk: Buffer | string) => {
      for (const character of String(chunk)) {
        if (ENTER.test(character)) return end(() => resolve(typed.join('')));
        if (character === CTRL_D) return onEnd();
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
