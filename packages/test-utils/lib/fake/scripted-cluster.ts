import { SimulatedCluster, type SimulatedClusterOptions } from '../cluster/simulated-cluster';
import { FakeServer } from './fake-server';
import { ScriptedNode } from './scripted-node';

/**
 * A cluster of scripted servers on real sockets. What is true is the simulated cluster's to say, and each node says it
 * unless it is told to say something else: an older view, one that contradicts, or nothing.
 */
export class ScriptedCluster {
  /** The primaries, then their replicas. */
  readonly nodes: readonly ScriptedNode[];
  /** What is true: moves and failovers are made there, and nobody is told. */
  readonly truth: SimulatedCluster;

  private constructor(servers: readonly FakeServer[], options: SimulatedClusterOptions) {
    this.truth = new SimulatedCluster({ ...options, addresses: servers.map(({ address }) => address) });
    const ids = [...this.truth.primaries, ...this.truth.replicas.keys()];
    this.nodes = ids.map((id, index) => new ScriptedNode(id, servers[index], () => this.truth.view(id)));
  }

  static async start(options: Omit<SimulatedClusterOptions, 'addresses'>): Promise<ScriptedCluster> {
    const { primaries, replicas = 0 } = options;
    let cluster: ScriptedCluster | undefined;
    const count = primaries * (1 + replicas);
    const servers = await Promise.all(
      Array.from({ length: count }, (_, index) =>
        FakeServer.start({ onCommand: (...command) => cluster!.nodes[index].answer(...command) })
      )
    );
    return (cluster = new ScriptedCluster(servers, options));
  }

  get rootNodes(): { url: string }[] {
    return this.nodes.map(({ server }) => ({ url: server.url }));
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map(({ server }) => server.stop()));
  }
}
