import { RedisServer } from '../standalone/redis-server';
import { parseClusterNodes, type ClusterView, type NodeView } from './cluster-view';

/** A server that is a member of a cluster. */
export class ClusterNode extends RedisServer {
  #id = '';

  /** The 40 hexadecimal digits by which the other nodes know it. */
  get id(): string {
    return this.#id;
  }

  /** Learns the node's id; once, after its first start. */
  async identify(): Promise<void> {
    this.#id = String(await this.command('CLUSTER', 'MYID'));
  }

  /** The cluster as this node sees it now. */
  async view(): Promise<ClusterView> {
    return parseClusterNodes(String(await this.command('CLUSTER', 'NODES')));
  }

  /** What this node says of itself. */
  async self(): Promise<NodeView> {
    return (await this.view()).find(node => node.isMyself)!;
  }
}
