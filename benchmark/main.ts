import { cpus } from 'node:os';
import { findServer, stopAll } from '@redis-keyspace/test-utils';
import { HELP, parseArguments, type Arguments } from './arguments';
import { formatResult } from './report';
import { SUITES } from './suites';
import type { Goal } from './suites/suite';

/** Clears what `progress` has written. */
const CLEAR_LINE = '\r\u001b[2K';

/** Exit code 1 when a goal is missed, 2 for a wrong command line. */
async function main(): Promise<number> {
  const wanted = read(process.argv.slice(2));
  if (typeof wanted === 'number') return wanted;
  const { quick, names } = wanted;
  const server = await findServer();
  const [{ model }] = cpus();
  console.log(
    `Node ${process.version}, ${server.label}, ${cpus().length} x ${model.trim()}${quick ? ', --quick: not for the record' : ''}\n`
  );
  const goals: Goal[] = [];
  for (const name of names) {
    const result = await SUITES[name]({ quick, server, progress });
    if (process.stderr.isTTY) process.stderr.write(CLEAR_LINE);
    console.log(formatResult(result));
    goals.push(...result.goals);
  }
  const missed = goals.filter(({ met }) => !met);
  console.log(
    missed.length ? `${missed.length} of ${goals.length} goals missed` : `${goals.length} of ${goals.length} goals met`
  );
  return missed.length ? 1 : 0;
}

function read(argv: string[]): Arguments | number {
  try {
    const parsed = parseArguments(argv);
    if (!parsed.help) return parsed;
    process.stdout.write(HELP);
    return 0;
  } catch (error) {
    console.error(`${(error as Error).message}\nTry: npm run bench -- --help`);
    return 2;
  }
}

function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`${CLEAR_LINE}${text}`);
}

// Servers and contenders do not keep us alive, and we must not end before they have.
const alive = setInterval(() => undefined, 60_000);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));

void main()
  .catch((error: unknown) => {
    console.error(error);
    return 1;
  })
  .then(async code => {
    await stopAll();
    process.exitCode = code;
    clearInterval(alive);
  });
