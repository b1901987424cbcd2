import process from 'node:process';
import { EXIT } from './exit-code';
import { run } from './program';

/** The first Ctrl-C ends in order; the second at once. */
function untilInterrupted(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(EXIT.interrupted);
      controller.abort();
    });
  }
  // The reader of a pipe has gone: nobody is left to tell anything.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => process.exit(EXIT.fine));
  return controller.signal;
}

const { stdout, stderr, stdin, env } = process;
void run(process.argv.slice(2), { stdout, stderr, stdin, env, isTTY: stdout.isTTY, signal: untilInterrupted() }).then(
  exitCode => (process.exitCode = exitCode)
);
