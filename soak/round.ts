import { createCluster } from '@redis/client';
import { withKeyspace } from '@redis-keyspace/client';
import {
  ServerCrashError,
  Storm,
  createStormClient,
  openApproach,
  startCluster,
  type Finding,
  type Scenario,
  type ServerBinary,
  type StormResult,
  type TestCluster
} from '@redis-keyspace/test-utils';
import { ioredis } from './listeners/ioredis';
import { keyspaceListeners } from './listeners/keyspace';
import { nodeRedis, perPrimary } from './listeners/node-redis';

export interface RoundOptions {
  readonly seed: number;
  readonly rate: number;
  readonly outside: number;
  readonly resp: 2 | 3;
  readonly peers: boolean;
  readonly witness: boolean;
  readonly standby: boolean;
}

export interface RoundResult {
  readonly ours: readonly StormResult[];
  readonly peers: readonly StormResult[];
  readonly writes: { readonly acknowledged: number; readonly unknown: number; readonly refused: number };
  /** What our client emitted as `error`. */
  readonly errors: readonly string[];
}

/** One scenario on a cluster of its own. @throws {ServerCrashError} one of its servers had a fault of its own. */
export async function playRound(
  server: ServerBinary,
  scenario: Scenario,
  { peers, standby, resp, ...options }: RoundOptions
): Promise<RoundResult> {
  await using cluster = await startCluster(server, scenario.cluster);
  const errors: string[] = [];
  const rootNodes = cluster.rootNodes;
  const writer = createStormClient(cluster);
  const approach = await openApproach(cluster, scenario);
  const ours = withKeyspace(createCluster({ rootNodes, RESP: resp, ...approach.options }), { standby });
  ours.on('error', (error: Error) => errors.push(`${error.name}: ${error.message}`));
  try {
    await Promise.all([writer.connect(), ours.connect()]);
    const storm = await Storm.begin(cluster, writer, { ...options, doors: approach.doors });
    const own = keyspaceListeners(ours);
    const listeners = [...own, ...(peers ? [nodeRedis, perPrimary, ioredis] : [])];
    for (const listener of listeners) await storm.listen(listener);
    try {
      await storm.play(scenario.steps);
    } catch (error) {
      await storm.close();
      throw crashOf(cluster, error) ?? error;
    }
    const results = await storm.end();
    const { acknowledged, unknown, refused } = storm.ledger;
    const [heard, others] = [results.slice(0, own.length), results.slice(own.length)];
    return { ours: heard, peers: others, writes: { acknowledged, unknown, refused }, errors };
  } finally {
    for (const client of [ours, writer]) if (client.isOpen) client.destroy();
    await approach.close();
  }
}

/** Why the moves could not be carried out, if a server is to blame. */
function crashOf({ nodes }: TestCluster, cause: unknown): ServerCrashError | undefined {
  const [crash] = nodes.flatMap(({ address, binary, server }) =>
    server.crash === undefined ? [] : `${binary.label} at ${address} crashed by itself: ${server.crash}`
  );
  return crash === undefined ? undefined : new ServerCrashError(crash, { cause });
}

/** What an exact client has none of: in peace nothing at all, in war nothing that no gap covers. */
export function faultsOf({ ours }: RoundResult, kind: Scenario['kind'], standby: boolean): number {
  return ours.reduce((sum, { verdict: { summary, findings } }) => {
    const { coveredByGap, gaps, unclosedGaps } = summary;
    if (kind === 'peace') return sum + findings.length + gaps;
    const forgotten = standby ? findings.filter(hadReachedReplica).length : 0;
    return sum + findings.length - coveredByGap + unclosedGaps + forgotten;
  }, 0);
}

/** Of keys that are written once it can be told: what two nodes have said, a replica has said. */
function hadReachedReplica({ kind, key, gap, saidBy = [] }: Finding): boolean {
  return kind === 'lost' && gap !== undefined && /:fresh:/.test(key) && saidBy.length > 1;
}

/** How the gaps fit what the steps have cut, at worst (ms). */
export interface Fit {
  /** How long before the outage a gap began. */
  readonly early: number;
  /** How long after it, which is after the first write that a new primary took, the last gap was closed. */
  readonly late: number;
}

export function fitOf({ ours }: RoundResult): Fit | undefined {
  const told = ours.flatMap(({ outages }) => outages.filter(({ late }) => Number.isFinite(late)));
  if (!told.length) return undefined;
  const worst = (side: 'early' | 'late') => Math.max(...told.map(outage => outage[side] ?? -Infinity));
  return { early: worst('early'), late: worst('late') };
}
