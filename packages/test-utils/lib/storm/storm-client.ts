import { createCluster } from '@redis/client';
import type { TestCluster } from '../cluster/test-cluster';
import type { StormClient } from './writers';

/** Where a client begins, as the TestCluster knows it at that moment. */
type Roots = Pick<TestCluster, 'rootNodes'>;

const open = ({ rootNodes }: Roots) =>
  createCluster({
    rootNodes,
    topologyRefreshOnReconnectionAttemptStrategy: 100,
    minimizeConnections: true,
    defaults: { disableOfflineQueue: true, socket: { connectTimeout: 500, reconnectStrategy: 50 } }
  }).on('error', () => undefined);

/** ms between two new clients. */
const PATIENCE = 1_000;

/**
 * A plain cluster client that suits writers: it says at once what it has not sent, and looks for the new primary as
 * soon as a node cannot be reached, so that a promoted replica is written to from its first moment. Of a node that
 * has hung node-redis learns nothing for as long as it is written to: then a new client takes over.
 */
class RenewableClient implements StormClient {
  readonly #cluster: Roots;
  #client: ReturnType<typeof open>;
  #renewedAt = 0;

  constructor(cluster: Roots) {
    this.#cluster = cluster;
    this.#client = open(cluster);
  }

  get isOpen(): boolean {
    return this.#client.isOpen;
  }

  async connect(): Promise<this> {
    await this.#client.connect();
    return this;
  }

  sendCommand(firstKey: string, isReadonly: boolean, args: (string | Buffer)[]): Promise<unknown> {
    return this.#client.sendCommand(firstKey, isReadonly, args);
  }

  /** What the old client has not got an answer to stays unanswered. */
  renew(): void {
    if (Date.now() - this.#renewedAt < PATIENCE || !this.isOpen) {
      return;
    }
    this.#renewedAt = Date.now();
    const client = open(this.#cluster);
    client.connect().then(
      () => {
        this.destroy();
        this.#client = client;
      },
      () => client.isOpen && client.destroy()
    );
  }

  destroy(): void {
    if (this.isOpen) {
      this.#client.destroy();
    }
  }
}

export function createStormClient(cluster: Roots): RenewableClient {
  return new RenewableClient(cluster);
}
