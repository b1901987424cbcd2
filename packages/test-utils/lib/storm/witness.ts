import { createClient } from '@redis/client';
import type { TestCluster } from '../cluster/test-cluster';
import { Hearing, type Heard } from './hearing';

/** ms between two looks for nodes that have joined. */
const LOOK = 20;

/**
 * Listens to every node, primaries and replicas alike, and believes all of them: it is no listener to be judged,
 * but tells of each finding which node has said what. What it misses while its own connection is cut, it misses.
 */
export class Witness {
  readonly #cluster: TestCluster;
  readonly #pattern: string;
  readonly #hearing = new Hearing('witness');
  readonly #clients = new Map<string, { destroy(): void }>();
  #timer: NodeJS.Timeout | undefined;

  constructor(cluster: TestCluster, prefix: string) {
    this.#cluster = cluster;
    this.#pattern = `__keyspace@*__:${prefix}*`;
  }

  get record(): readonly Heard[] {
    return this.#hearing.record;
  }

  /** Resolves when every node is listened to. */
  async open(): Promise<void> {
    await this.#look();
    this.#timer = setInterval(() => void this.#look().catch(() => undefined), LOOK);
  }

  close(): void {
    clearInterval(this.#timer);
    for (const client of this.#clients.values()) {
      client.destroy();
    }
    this.#clients.clear();
  }

  async #look(): Promise<void> {
    const unknown = this.#cluster.nodes.filter(({ address }) => !this.#clients.has(address));
    await Promise.all(
      unknown.map(async ({ address, url }) => {
        const client = createClient({ url, socket: { reconnectStrategy: LOOK } }).on('error', () => undefined);
        this.#clients.set(address, { destroy: () => client.isOpen && client.destroy() });
        await client.connect();
        await client.pSubscribe(this.#pattern, (event, channel) => this.#hear(address, event, channel));
      })
    );
  }

  #hear(node: string, event: string, channel: string): void {
    const start = channel.indexOf('@') + 1;
    const end = channel.indexOf('__:', start);
    this.#hearing.heard(event, channel.slice(end + 3), Number(channel.slice(start, end)), node);
  }
}

/** What was said of a key near a time, for people: '127.0.0.1:7000 set -3 ms'. */
export function testimony(record: readonly Heard[], key: string, at: number): string {
  const said = record.filter(item => item.key === key).sort((a, b) => Math.abs(a.at - at) - Math.abs(b.at - at));
  const near = said.slice(0, 6).sort((a, b) => a.at - b.at);
  const words = near.map(({ node, event, at: then }) => `${node} ${event} ${then < at ? '' : '+'}${then - at} ms`);
  return said.length ? `${words.join(', ')}${said.length > near.length ? ', …' : ''}` : 'no node said anything';
}
