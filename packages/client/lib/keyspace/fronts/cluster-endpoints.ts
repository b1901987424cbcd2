import type { ClusterView, ClusterViewNode } from '../plan/cluster-view';

/** Sends a command to some node of the cluster. */
type Ask = (args: readonly string[]) => Promise<unknown>;

interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/**
 * By which host and port each node is called: what upstream takes from CLUSTER SLOTS, which honours
 * `cluster-preferred-endpoint-type` (IP, hostname, or unknown), while CLUSTER NODES does not. Asked again only
 * when a node is new or has a new address.
 */
export class ClusterEndpoints {
  readonly #known = new Map<string, { readonly line: string; readonly endpoint: Endpoint }>();
  readonly #tls: boolean;

  constructor(tls: boolean) {
    this.#tls = tls;
  }

  /** Learns the endpoints of the nodes in these views. `fallbackHost` is by whom the asked node was reached. */
  async learn(views: readonly ClusterView[], ask: Ask, fallbackHost: string): Promise<void> {
    const lines = new Map(views.flatMap(view => [...view.nodes]));
    if ([...lines.values()].every(node => this.#known.get(node.id)?.line === lineOf(node))) return;
    const endpoints = await this.#fromShards(ask)
      .catch(() => this.#fromSlots(ask))
      .catch(() => new Map<string, Endpoint>());
    for (const node of lines.values()) {
      const { host, port } = endpoints.get(node.id) ?? { host: node.host, port: node.port };
      this.#known.set(node.id, { line: lineOf(node), endpoint: { host: host || node.host || fallbackHost, port } });
    }
  }

  of(node: ClusterViewNode): Endpoint {
    return this.#known.get(node.id)?.endpoint ?? { host: node.host, port: node.port };
  }

  /** CLUSTER SHARDS (Redis >= 7.0, Valkey) names replicas at once and primaries without slots. */
  async #fromShards(ask: Ask): Promise<Map<string, Endpoint>> {
    const shards = (await ask(['CLUSTER', 'SHARDS'])) as unknown[];
    const endpoints = new Map<string, Endpoint>();
    for (const shard of shards) {
      for (const node of fields(shard).get('nodes') as unknown[]) {
        const field = fields(node);
        const text = (name: string) => known(field.get(name));
        const port = (this.#tls && field.get('tls-port')) || field.get('port') || field.get('tls-port');
        endpoints.set(text('id'), { host: text('endpoint') || text('ip'), port: Number(port) });
      }
    }
    return endpoints;
  }

  /** CLUSTER SLOTS: `[from, to, primary, …replicas]`, each node `[host, port, id, …]`. */
  async #fromSlots(ask: Ask): Promise<Map<string, Endpoint>> {
    const ranges = (await ask(['CLUSTER', 'SLOTS'])) as unknown[][];
    const nodes = ranges.flatMap(range => range.slice(2)) as [host: string | null, port: number, id: string][];
    return new Map(nodes.map(([host, port, id]) => [id, { host: known(host), port: Number(port) }]));
  }
}

/** A map with RESP3, a flat list with RESP2. */
function fields(reply: unknown): Map<string, unknown> {
  if (!Array.isArray(reply)) return new Map(Object.entries(reply as object));
  const map = new Map<string, unknown>();
  for (let index = 0; index < reply.length; index += 2) map.set(String(reply[index]), reply[index + 1]);
  return map;
}

/** A node without a known endpoint has null, `?` or nothing. */
function known(host: unknown): string {
  return typeof host === 'string' && host !== '?' ? host : '';
}

function lineOf({ host, port, hostname }: ClusterViewNode): string {
  return `${host}:${port},${hostname}`;
}
