import { setTimeout as delay } from 'node:timers/promises';
import { EXIT, run, type Io } from '@redis-keyspace/cli';
import { findServer, slotOf, startCluster, waitFor, type TestCluster } from '@redis-keyspace/test-utils';
import { createCluster, type KeyspaceSubscription, type RedisClusterType } from 'redis-keyspace';
import { summaryLines } from './format';
import { Ledger } from './ledger';
import { Narrator } from './narrator';
import { tellStory } from './story';
import { Writer } from './writer';

/** Milliseconds to wait for what is on its way: at the end, and after Ctrl-C. */
const PATIENCE = 3_000;
const HURRY = 1_000;

/** What became of it: whether all was heard, and what `keyspace watch` ended with. */
export interface Outcome {
  readonly isWhole: boolean;
  readonly watchCode: number;
}

/**
 * The whole demonstration: servers, writer, story, `keyspace watch` with these arguments, summary. Leaves nothing
 * behind, however it ends.
 */
export async function runDemo(argv: readonly string[], io: Io): Promise<Outcome> {
  const narrator = new Narrator(io, argv.includes('--json'));
  const binary = await findServer();
  narrator.phase(`${binary.label}: starting 3 primaries and 3 replicas on this machine`);
  const servers = await startCluster(binary, { primaries: 3, replicas: 1 });
  try {
    return await hear(servers, narrator, argv, io);
  } finally {
    await servers.stop();
  }
}

async function hear(servers: TestCluster, narrator: Narrator, argv: readonly string[], io: Io): Promise<Outcome> {
  const ledger = new Ledger(slotOf);
  const cluster = createCluster({ rootNodes: servers.rootNodes });
  // While its server is gone a connection fails again and again; the gap says it once.
  cluster.on('error', () => undefined);
  const writer = new Writer(cluster, ledger);
  const curtain = new AbortController();
  const command = ['watch', '--url', servers.rootNodes[0].url, ...(argv.length ? argv : defaultArguments(io))];
  const watching = run(command, { ...io, screen: narrator.screen, signal: curtain.signal });
  const over = AbortSignal.any([io.signal, curtain.signal]);
  void watching.then(() => curtain.abort());
  try {
    if (!io.signal.aborted) await writeAndListen({ servers, cluster, writer, ledger, narrator, signal: over });
  } finally {
    writer.stop();
    curtain.abort();
    const code = await watching;
    // Interrupted before it was connected, it has said so.
    if (io.signal.aborted && code === EXIT.fine) narrator.say('Interrupted.');
    // A wrong command line has been told, and is all that there is to tell.
    if (code === EXIT.fine || code === EXIT.interrupted) tellSummary(ledger, writer, narrator);
    cluster.destroy();
  }
  return { isWhole: ledger.summary().lostOutside === 0, watchCode: await watching };
}

function tellSummary(ledger: Ledger, writer: Writer, narrator: Narrator): void {
  for (const line of summaryLines(ledger.summary())) narrator.say(line);
  if (writer.failed) narrator.say(`  (${writer.failed} more writes were refused while a server was missing)`);
}

/** A table, since 400 notifications a second are too many to read; where it is not redrawn, not each second. */
function defaultArguments({ isTTY }: Io): readonly string[] {
  return isTTY ? ['--rate'] : ['--rate', '--interval', '5s'];
}

interface Cast {
  readonly servers: TestCluster;
  readonly cluster: RedisClusterType;
  readonly writer: Writer;
  readonly ledger: Ledger;
  readonly narrator: Narrator;
  readonly signal: AbortSignal;
}

/** Hears all of it besides, whatever is shown, to compare it with what was written. */
async function writeAndListen({ servers, cluster, writer, ledger, narrator, signal }: Cast): Promise<void> {
  await cluster.connect();
  const subscription = await cluster.subscribeKeyspace('*', notification => ledger.heard(notification));
  subscription.on('gap', gap => ledger.gap(gap));
  subscription.on('recovered', gap => ledger.recovered(gap));
  const story = tellStory({ servers, writer, narrator, signal, isComplete: () => subscription.coverage.complete });
  // Some steps cannot be interrupted, but need not be waited for.
  await Promise.race([story, aborted(signal)]).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
  story.catch(() => undefined);
  await settle(writer, subscription, signal.aborted ? HURRY : PATIENCE);
}

/** Waits for answers and notifications that are on their way; nobody is waited for in vain. */
async function settle(writer: Writer, subscription: KeyspaceSubscription, timeout: number): Promise<void> {
  writer.stop();
  const settled = async () => {
    await waitFor('the last answers', () => writer.pending === 0, { timeout }).catch(() => undefined);
    await subscription.fence();
  };
  const late = new AbortController();
  await Promise.race([settled().catch(() => undefined), delay(2 * timeout, undefined, { signal: late.signal })]);
  late.abort();
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
