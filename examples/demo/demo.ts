import { setTimeout as delay } from 'node:timers/promises';
import { findServer, slotOf, startCluster, waitFor, type TestCluster } from '@redis-keyspace/test-utils';
import { createCluster, type KeyspaceSubscription, type RedisClusterType } from 'redis-keyspace';
import type { Display } from './display';
import { gapLine, recoveredLine, summaryLines } from './format';
import { Ledger } from './ledger';
import { tellStory } from './story';
import { Writer } from './writer';

const PREFIX = 'demo:';
/** Milliseconds to wait for what is on its way: at the end, and after Ctrl-C. */
const PATIENCE = 3_000;
const HURRY = 1_000;

/**
 * The whole demonstration: servers, client, story, summary. Leaves nothing behind, however it ends.
 * @returns whether nothing was lost without being told.
 */
export async function runDemo(display: Display, signal: AbortSignal): Promise<boolean> {
  const binary = await findServer();
  display.phase(`${binary.label}: starting 3 primaries and 3 replicas on this machine`);
  const servers = await startCluster(binary, { primaries: 3, replicas: 1 });
  try {
    return await hear(servers, display, signal);
  } finally {
    await servers.stop();
  }
}

async function hear(servers: TestCluster, display: Display, signal: AbortSignal): Promise<boolean> {
  const ledger = new Ledger(slotOf);
  const cluster = createCluster({ rootNodes: servers.rootNodes });
  // While its server is gone a connection fails again and again; the gap says it once.
  cluster.on('error', () => undefined);
  const writer = new Writer(cluster, ledger);
  try {
    if (!signal.aborted) await writeAndListen({ servers, cluster, writer, ledger, display, signal });
  } finally {
    writer.stop();
    display.end();
    if (signal.aborted) display.say('Interrupted.');
    for (const line of summaryLines(ledger.summary())) display.say(line);
    if (writer.failed) display.say(`  (${writer.failed} more writes were refused while a server was missing)`);
    cluster.destroy();
  }
  return ledger.summary().lostOutside === 0;
}

interface Cast {
  readonly servers: TestCluster;
  readonly cluster: RedisClusterType;
  readonly writer: Writer;
  readonly ledger: Ledger;
  readonly display: Display;
  readonly signal: AbortSignal;
}

async function writeAndListen({ servers, cluster, writer, ledger, display, signal }: Cast): Promise<void> {
  await cluster.connect();
  const subscription = await cluster.subscribeKeyspace({ prefix: PREFIX }, notification => {
    ledger.heard(notification);
    display.notification(notification);
  });
  subscription.on('gap', gap => {
    ledger.gap(gap);
    display.say(gapLine(gap));
  });
  subscription.on('recovered', gap => {
    ledger.recovered(gap);
    display.say(recoveredLine(gap));
  });
  display.say(`subscribed: ${subscription.coverage.slots} slots at ${subscription.coverage.nodes.join(', ')}`);
  const story = tellStory({ servers, writer, display, signal, isComplete: () => subscription.coverage.complete });
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
