import type { ServerConfig } from '../processes/config-file';
import type { ServerBinary } from '../servers/server-binary';
import { RedisServer } from '../standalone/redis-server';
import { startServer, startStandalone } from '../standalone/start-standalone';
import { waitFor } from '../wait';
import { TestSentinel } from './test-sentinel';

/** How a primary with replicas and sentinels is made. */
export interface SentinelOptions {
  /** @default 1 */
  replicas?: number;
  /** @default 3 */
  sentinels?: number;
  /** What the sentinels call it. @default 'keyspace-test' */
  name?: string;
  /** ms of silence after which a server counts as down. @default 500 */
  downAfter?: number;
  /** ms for one failover; a second automatic one waits twice as long. @default 3_000 */
  failoverTimeout?: number;
  /** Directives for the primary and its replicas, over the kit's own. */
  config?: ServerConfig;
  /** Speak TLS and nothing else, the sentinels too, as `TLS_IDENTITY`. @default false */
  tls?: boolean;
}

/** As the servers' own, only shorter: ms between INFO, hello, vote and PING, and the pause after a clock jump. */
const PERIODS = {
  'info-period': 500,
  'publish-period': 500,
  'ask-period': 250,
  'ping-period': 250,
  'tilt-period': 1_000
};

/** Starts a primary, its replicas and sentinels; resolves when all the sentinels know all the others. */
export async function startSentinel(binary: ServerBinary, options: SentinelOptions = {}): Promise<TestSentinel> {
  const { replicas = 1, sentinels = 3, name = 'keyspace-test', config, tls } = options;
  const started: RedisServer[] = [];
  const keep = <T extends RedisServer>(server: T) => (started.push(server), server);
  try {
    const primary = keep(await startStandalone(binary, { config, tls }));
    const replicaof = `${primary.host} ${primary.port}`;
    await Promise.all(
      Array.from({ length: replicas }, async () =>
        keep(await startStandalone(binary, { config: { ...config, replicaof }, tls }))
      )
    );
    await waitFor(
      'the replicas to connect',
      async () => (await primary.info('replication')).get('connected_slaves') === String(replicas)
    );
    const nodes = [...started];
    const watchers = await Promise.all(
      Array.from({ length: sentinels }, async () =>
        keep(await launchSentinel(binary, primary, sentinels, { ...options, name }))
      )
    );
    const test = new TestSentinel(binary, name, nodes, watchers);
    await test.waitUntilStable();
    return test;
  } catch (error) {
    await Promise.all(started.map(server => server.stop()));
    throw error;
  }
}

async function launchSentinel(
  binary: ServerBinary,
  primary: RedisServer,
  sentinels: number,
  { name, downAfter = 500, failoverTimeout = 3_000, tls }: SentinelOptions
): Promise<RedisServer> {
  const quorum = Math.floor(sentinels / 2) + 1;
  const config: ServerConfig = {
    'protected-mode': 'no',
    loglevel: 'notice',
    sentinel: [
      `monitor ${name} ${primary.host} ${primary.port} ${quorum}`,
      `down-after-milliseconds ${name} ${downAfter}`,
      `failover-timeout ${name} ${failoverTimeout}`
    ]
  };
  const sentinel = await startServer(binary, (...args) => new SentinelServer(binary, ...args), {
    config,
    sentinel: true,
    tls
  });
  await sentinel.hurry();
  return sentinel;
}

/** A sentinel; its periods are not kept in its configuration and are set again at each start. */
class SentinelServer extends RedisServer {
  async hurry(): Promise<void> {
    await this.command('SENTINEL', 'DEBUG', ...Object.entries(PERIODS).flat());
  }

  override async restart(config?: ServerConfig): Promise<void> {
    await super.restart(config);
    await this.hurry();
  }
}
