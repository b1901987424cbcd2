import { InterruptedError } from '../../errors';
import type { Io } from '../../io';

/** Asks until the answer is one: an empty one is yes, as the capital letter says, and so is the end of the input. */
export async function askYesNo(question: string, io: Io): Promise<boolean> {
  for (;;) {
    io.stderr.write(`${question} (Y/n) `);
    const answer = (await readLine(io)).trim().toLowerCase();
    if (answer === '' || answer === 'y' || answer === 'yes') return true;
    if (answer === 'n' || answer === 'no') return false;
    io.stderr.write('Please answer y or n.\n');
  }
}

function readLine({ stdin, signal }: Io): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const end = (settle: () => void) => {
      stdin.removeListener('data', onData);
      stdin.removeListener('end', onEnd);
      signal.removeEventListener('abort', onAbort);
      stdin.pause();
      settle();
    };
    const onAbort = () => end(() => reject(new InterruptedError()));
    const onEnd = () => end(() => resolve(text));
    const onData = (chunk: Buffer | string) => {
      text += String(chunk);
      const [line, ...rest] = text.split(/\r?\n/);
      if (rest.length) end(() => resolve(line));
    };
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    stdin.on('data', onData);
    stdin.on('end', onEnd);
    stdin.resume();
  });
}
