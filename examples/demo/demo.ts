import { findServer, slotOf, startCluster, waitFor, type TestCluster } from '@redis-keyspace/test-utils';
import { createCluster } from 'redis-keyspace';
import type { Display } from './display';
import { gapLine, recoveredLine, summaryLines } from './format';
import { Ledger } from './ledger';
import { tellStory } from './story';
import { Writer } from './writer';

const PREFIX = 'demo:';

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
    signal.throwIfAborted();
    await cluster.connect();
    const subscription = await cluster.subscribeKeyspace({ prefix: PREFIX }, notification => {
      ledger.heard(notification);
      display.notification(notification);
    });
    display.say(`subscribed: ${subscription.coverage.slots} slots at ${subscription.coverage.nodes.join(', ')}`);
    subscription.on('gap', gap => {
      ledger.gap(gap);
      display.say(gapLine(gap));
    });
    subscription.on('recovered', gap => {
      ledger.recovered(gap);
      display.say(recoveredLine(gap));
    });
    await tellStory({ servers, writer, display, signal, isComplete: () => subscription.coverage.complete });
    writer.stop();
    await waitFor('the last answers', () => writer.pending === 0, { timeout: 3_000 }).catch(() => undefined);
    await subscription.fence();
  } catch (error) {
    if (!signal.aborted) throw error;
    display.say('interrupted: what is on its way is counted as lost');
  } finally {
    writer.stop();
    display.end();
    const { failed } = writer;
    const lines = [
      ...summaryLines(ledger.summary()),
      ...(failed ? [`  (${failed} more writes were refused while a server was missing)`] : [])
    ];
    for (const line of lines) display.say(line);
    cluster.destroy();
  }
  return ledger.summary().lostOutside === 0;
}
