import { TestKitUsageError } from '../errors';
import type { ServerBinary } from '../servers/server-binary';
import type { RedisServer } from '../standalone/redis-server';
import { waitFor, type WaitOptions } from '../wait';

/** A primary with replicas, and the sentinels that watch it. */
export class TestSentinel {
  readonly binary: ServerBinary;
  /** What the sentinels call the primary. */
  readonly name: string;
  /** The data servers, whatever their roles are now. */
  readonly nodes: readonly RedisServer[];
  readonly sentinels: readonly RedisServer[];

  constructor(binary: ServerBinary, name: string, nodes: readonly RedisServer[], sentinels: readonly RedisServer[]) {
    this.binary = binary;
    this.name = name;
    this.nodes = nodes;
    this.sentinels = sentinels;
  }

  /** For createSentinel(). */
  get sentinelRootNodes(): { host: string; port: number }[] {
    return this.sentinels.map(({ host, port }) => ({ host, port }));
  }

  /** The server that the sentinels name now; it may have died since. */
  async primary(): Promise<RedisServer> {
    const [sentinel] = this.#awake();
    const [, port] = (await sentinel.command('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', this.name)) as string[];
    return this.nodes.find(node => node.port === Number(port))!;
  }

  /** The other data servers. */
  async replicas(): Promise<RedisServer[]> {
    const primary = await this.primary();
    return this.nodes.filter(node => node !== primary);
  }

  /** SENTINEL FAILOVER; resolves with the new primary when all is at rest again. */
  async failover(): Promise<RedisServer> {
    const before = await this.primary();
    const [sentinel] = this.#awake();
    await waitFor('a failover to be possible', () => sentinel.command('SENTINEL', 'FAILOVER', this.name), {
      interval: 250
    });
    return this.#promoted(before);
  }

  /** Kills the primary; resolves with the one that the sentinels promote in its place. */
  async killPrimary(): Promise<RedisServer> {
    const before = await this.primary();
    await before.kill();
    return this.#promoted(before);
  }

  /** Starts a server again; resolves when it has found its place. */
  async restart(server: RedisServer): Promise<void> {
    await server.restart();
    await this.waitUntilStable();
  }

  /**
   * Resolves when every sentinel that answers names the same living primary and
   * knows all the other sentinels and servers, and every living replica is linked to it.
   */
  async waitUntilStable(options?: WaitOptions): Promise<void> {
    await waitFor(`the sentinels of ${this.name} to agree`, () => this.#isStable(), { timeout: 45_000, ...options });
  }

  /** Stops everything for good. */
  async stop(): Promise<void> {
    await Promise.all([...this.sentinels, ...this.nodes].map(server => server.stop()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #promoted(before: RedisServer): Promise<RedisServer> {
    await waitFor('another primary', async () => (await this.primary()) !== before, { timeout: 45_000 });
    await this.waitUntilStable();
    return this.primary();
  }

  async #isStable(): Promise<boolean> {
    const opinions = await Promise.all(this.#awake().map(sentinel => this.#opinion(sentinel)));
    const port = opinions[0].get('port');
    const primary = this.nodes.find(node => String(node.port) === port);
    if (!primary?.isResponsive || (await primary.info('replication')).get('role') !== 'master') {
      return false;
    }
    const agreed = opinions.every(
      opinion =>
        opinion.get('port') === port &&
        opinion.get('flags') === 'master' &&
        opinion.get('num-slaves') === String(this.nodes.length - 1) &&
        opinion.get('num-other-sentinels') === String(this.sentinels.length - 1)
    );
    const replicas = this.nodes.filter(node => node !== primary && node.isResponsive);
    const links = await Promise.all(replicas.map(node => node.info('replication')));
    const linked = links.every(
      info => info.get('master_link_status') === 'up' && info.get('master_port') === String(primary.port)
    );
    return agreed && linked;
  }

  async #opinion(sentinel: RedisServer): Promise<Map<string, string>> {
    const flat = (await sentinel.command('SENTINEL', 'MASTER', this.name)) as string[];
    return new Map(flat.flatMap((name, index) => (index % 2 === 0 ? [[name, flat[index + 1]] as const] : [])));
  }

  #awake(): RedisServer[] {
    const awake = this.sentinels.filter(sentinel => sentinel.isResponsive);
    if (awake.length === 0) {
      throw new TestKitUsageError(`No sentinel of ${this.name} is running`);
    }
    return awake;
  }
}
