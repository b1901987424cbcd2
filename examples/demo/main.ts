import { stopAll } from '@redis-keyspace/test-utils';
import { HELP, parseArguments, UsageError } from './arguments';
import { runDemo } from './demo';
import { PlainDisplay } from './plain-display';
import { ConnectError } from './server-kind';
import { TerminalDisplay } from './terminal-display';
import { watch } from './watch';

/** A wrong command line, nobody to connect to, and an end by Ctrl-C, as shells know them. */
const EXIT = { usage: 2, unreachable: 3, interrupted: 130 } as const;

async function main(argv: readonly string[]): Promise<number> {
  const wanted = parseArguments(argv);
  const { stdout } = process;
  const signal = untilInterrupted();
  switch (wanted.mode) {
    case 'help':
      stdout.write(HELP);
      return 0;
    case 'watch':
      await watch(wanted, line => stdout.write(`${line}\n`), signal);
      return 0;
    case 'demo': {
      const display = stdout.isTTY ? new TerminalDisplay(stdout) : new PlainDisplay(text => stdout.write(text));
      const isWhole = await runDemo(display, signal);
      if (signal.aborted) return EXIT.interrupted;
      return isWhole ? 0 : 1;
    }
  }
}

/** The first Ctrl-C ends in order; the second at once: what the servers leave is removed all the same. */
function untilInterrupted(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(EXIT.interrupted);
      controller.abort();
    });
  }
  // The reader of a pipe has gone: nobody is left to tell anything.
  process.stdout.on('error', () => process.exit(EXIT.interrupted));
  return controller.signal;
}

function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) {
    console.error(`${error.message}\nTry: npm start -- --help`);
    return EXIT.usage;
  }
  if (error instanceof ConnectError) {
    console.error(error.message);
    return EXIT.unreachable;
  }
  console.error(error);
  return 1;
}

// The servers' processes do not keep us alive, and we must not end before they have.
const alive = setInterval(() => undefined, 60_000);

void main(process.argv.slice(2))
  .catch(exitCodeOf)
  .then(async code => {
    await stopAll();
    process.exitCode = code;
    clearInterval(alive);
  });
