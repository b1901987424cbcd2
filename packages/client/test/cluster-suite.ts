import {
  startCluster,
  type ClusterNode,
  type ClusterOptions,
  type ServerBinary,
  type TestCluster
} from '@redis-keyspace/test-utils';
import { Clients } from './clients';
import { perSuite } from './resources';

/**
 * One cluster for the suite in whose body it is made, and clients that end with each test. `a`, `b` and `c`
 * are its first three primaries as they were at the start.
 */
export class ClusterSuite {
  readonly clients = new Clients();
  cluster!: TestCluster;
  a!: ClusterNode;
  b!: ClusterNode;
  c!: ClusterNode;

  constructor(server: ServerBinary, options?: ClusterOptions) {
    const resources = perSuite();
    afterEach(() => this.#heal());
    before(async () => {
      this.cluster = resources.add(await startCluster(server, options), cluster => cluster.stop());
      [this.a, this.b, this.c] = (await this.cluster.primaries()) as [ClusterNode, ClusterNode, ClusterNode];
    });
  }

  /** A client of this cluster. */
  connect(options?: Parameters<Clients['cluster']>[1]) {
    return this.clients.cluster(this.cluster, options);
  }

  /** So many keys of each of the first three primaries. */
  async keysOfAll(count: number, prefix: string): Promise<string[]> {
    const keys = await Promise.all([this.a, this.b, this.c].map(node => this.cluster.keysFor(node, count, prefix)));
    return keys.flat();
  }

  /** Whatever a test broke and left so would break the next one. */
  async #heal(): Promise<void> {
    const broken = this.cluster.nodes.filter(node => !node.isResponsive);
    for (const node of broken) {
      if (node.isHanging) node.resume();
      else await node.restart();
    }
    if (broken.length) await this.cluster.waitUntilStable();
  }
}
