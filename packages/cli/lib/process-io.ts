import process from 'node:process';
import { reasonOf } from './errors';
import { EXIT } from './exit-code';
import type { Io } from './io';

/** What a command touches when it is run as a process. To be called once: it listens to signals. */
export function processIo(): Io {
  const { stdout, stderr, stdin, env } = process;
  return { stdout, stderr, stdin, env, isTTY: stdout.isTTY === true, signal: untilInterrupted() };
}

/** The first Ctrl-C ends in order; the second at once. */
function untilInterrupted(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(EXIT.interrupted);
      controller.abort();
    });
  }
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      // The reader of a pipe has gone: nobody is left to tell anything.
      if (error.code === 'EPIPE') process.exit(EXIT.fine);
      if (stream === process.stdout) process.stderr.write(`Cannot write: ${reasonOf(error)}\n`);
      process.exit(EXIT.finding);
    });
  }
  return controller.signal;
}
