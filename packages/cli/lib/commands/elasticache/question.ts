import { InterruptedError } from '../../errors';
import type { Io } from '../../io';
import { readLine } from '../../read-line';

/**
 * Asks until the answer is one; an empty one is yes, as the capital letter says.
 * @throws {InterruptedError} Ctrl-C, or the end of the input, which is no answer.
 */
export async function askYesNo(question: string, io: Io): Promise<boolean> {
  for (;;) {
    io.stderr.write(`${question} (Y/n) `);
    const answer = (await readLine(io))?.trim().toLowerCase();
    if (answer === undefined) throw new InterruptedError();
    if (answer === '' || answer === 'y' || answer === 'yes') return true;
    if (answer === 'n' || answer === 'no') return false;
    io.stderr.write('Please answer y or n.\n');
  }
}
