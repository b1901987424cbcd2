import { UsageError } from '../errors';
import type { Io } from '../io';
import { readLine } from '../read-line';

/**
 * Asks on `stderr` and reads a line of `stdin`, which on a terminal is not shown.
 * @throws {InterruptedError} Ctrl-C.
 * @throws {UsageError} an empty answer, or none.
 */
export async function askPassword(prompt: string, { stdin, stderr, signal }: Io): Promise<string> {
  stderr.write(prompt);
  stdin.setRawMode?.(true);
  try {
    const password = await readLine({ stdin, signal });
    if (!password) throw new UsageError('--ask-password got an empty password');
    return password;
  } finally {
    stdin.setRawMode?.(false);
    stderr.write('\n');
  }
}
