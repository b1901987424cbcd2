/**
 * The observable pattern: a value that is written at one node is observed at others, by its notifications.
 * See README.md beside it.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { createClient, type RedisClientType } from 'redis-keyspace';
import { HELP, parseArguments, UsageError, type Arguments } from './arguments';
import { comparison } from './comparison';
import { Histogram } from './histogram';
import { Observer } from './observer';
import { startServers, type Servers } from './servers';
import { withIterator, withListener } from './styles';
import { Writer, type Round } from './writer';

async function main(wanted: Arguments, signal: AbortSignal): Promise<void> {
  await using servers = wanted.urls ? given(wanted.urls) : await startServers();
  if (signal.aborted) return;
  console.log(servers.description);
  const clients: RedisClientType[] = [];
  try {
    for (const url of servers.urls) clients.push(await connect(url));
    await run(clients, servers.urls.map(nodeOf), wanted, signal);
  } finally {
    for (const client of clients) client.destroy();
  }
}

async function run(
  [writerClient, ...others]: readonly RedisClientType[],
  [writerNode, ...nodes]: readonly string[],
  { interval, count }: Arguments,
  signal: AbortSignal
): Promise<void> {
  const observers = (['listener', 'iterator'] as const).map(
    (name, index) =>
      new Observer({
        name,
        style: name === 'listener' ? withListener : withIterator,
        client: others[index],
        primary: writerClient,
        node: nodes[index],
        onSeen: ({ delays, node }, _value, delay) =>
          console.log(`  ${name.padEnd(8)} ${node}  ${String(delay).padStart(4)} ms  |${String(delays)}|`),
        onError: ({ node }, error) => console.log(`  ${name.padEnd(8)} ${node}  ${String(error)}`)
      })
  );
  const writer = new Writer(
    writerClient,
    observers.map(({ name }) => name)
  );
  await writer.clean();
  await writer.start();
  for (const observer of observers) await observer.start();
  console.log(`The writer is at ${writerNode}. ${Histogram.legend}.`);
  const rounds: Round[] = [];
  while (rounds.length < count && !signal.aborted) {
    const began = Date.now();
    const round = await writer.write(interval);
    rounds.push(round);
    console.log(describe(round));
    const rest = rounds.length < count ? interval - (Date.now() - began) : 0;
    if (rest > 0) await delay(rest, undefined, { signal }).catch(() => undefined);
  }
  for (const observer of observers) await observer.stop();
  await writer.clean().catch(() => console.log('The keys are left: the node of the writer does not delete them.'));
  writerClient.keyspace.close();
  await writer.stopped();
  console.log(`\n${comparison(observers, rounds)}`);
}

function describe({ number, answers, error }: Round): string {
  if (error !== undefined) return `#${number} not written: ${String(error)}`;
  const told = [...answers].map(([name, after]) =>
    after === undefined ? `no answer of the ${name}` : `${name} answered after ${after} ms`
  );
  return `#${number} ${told.join(', ')}`;
}

/** Fails when nobody answers at first; afterwards it reconnects for ever, and each gap is told. */
async function connect(url: string): Promise<RedisClientType> {
  let hasConnected = false;
  const reconnectStrategy = (retries: number) => hasConnected && Math.min(retries * 50, 500);
  const client = createClient({ url, socket: { reconnectStrategy }, keyspace: { notifyKeyspaceEvents: 'enable' } });
  client.on('error', () => undefined);
  await client.connect();
  hasConnected = true;
  return client;
}

function given(urls: Servers['urls']): Servers {
  return { urls, description: 'Three nodes of yours', [Symbol.asyncDispose]: () => Promise.resolve() };
}

function nodeOf(url: string): string {
  const { hostname, port } = new URL(url);
  return `${hostname}:${port || 6379}`;
}

/** The first Ctrl-C ends in order, with the table; the second at once. */
function untilInterrupted(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(130);
      controller.abort();
    });
  }
  return controller.signal;
}

try {
  const wanted = parseArguments(process.argv.slice(2));
  if (wanted === undefined) process.stdout.write(HELP);
  else
    main(wanted, untilInterrupted()).catch(error => {
      console.error(error);
      process.exitCode = 1;
    });
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`${error.message}\n\n${HELP}`);
  process.exitCode = 2;
}
