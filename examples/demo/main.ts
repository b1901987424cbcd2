import { EXIT, processIo, run, type Io } from '@redis-keyspace/cli';
import { stopAll } from '@redis-keyspace/test-utils';
import { runDemo } from './demo';

const ABOUT = `npm start [-- options]: "keyspace watch" on a cluster of its own, which is written to, whose slots move and
one of whose primaries is killed; it ends by itself after half a minute. With --url it watches your own servers
instead, until Ctrl-C, and writes nothing.

`;

/** `keyspace watch`, and something to be watched where no URL is given. */
async function main(argv: readonly string[], io: Io): Promise<number> {
  if (argv.some(text => text === '--help' || text === '-h')) io.stdout.write(ABOUT);
  else if (!argv.some(text => /^--url(=|$)/.test(text)) && !io.env.KEYSPACE_URL && !(await isRefused(argv, io)))
    return demonstrate(argv, io);
  return run(['watch', ...argv], io);
}

/** Whether these arguments make no sense, before servers are started for them. */
async function isRefused(argv: readonly string[], io: Io): Promise<boolean> {
  const nobody = { write: () => true, once: () => undefined };
  const unheard = { ...io, stdout: nobody, stderr: nobody, signal: AbortSignal.abort() };
  return (await run(['watch', ...argv], unheard)) === EXIT.usage;
}

async function demonstrate(argv: readonly string[], io: Io): Promise<number> {
  const { isWhole, watchCode } = await runDemo(argv, io);
  if (io.signal.aborted) return EXIT.interrupted;
  if (watchCode !== EXIT.fine) return watchCode;
  return isWhole ? EXIT.fine : EXIT.finding;
}

function unexpected(error: unknown): number {
  console.error(error);
  return EXIT.finding;
}

// The servers' processes do not keep us alive, and we must not end before they have.
const alive = setInterval(() => undefined, 60_000);

void main(process.argv.slice(2), processIo())
  .catch(unexpected)
  .then(async code => {
    await stopAll();
    process.exitCode = code;
    clearInterval(alive);
  });
