import { roleOf, type ClusterView } from './cluster-view';

/** Milliseconds until every node has heard from a demoted one: servers ping each other once a second or so. */
const REMEMBERED = 3_000;

/**
 * What nodes have said of themselves as replicas, of late. Others may call a demoted node a primary without slots
 * until it has told them (Redis 7.0), and it is not asked itself any more by then.
 */
export class DemotedNodes {
  readonly #views = new Map<string, { readonly view: ClusterView; readonly until: number }>();
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** @returns the views, and what those who have not answered but are still known had said. */
  complete(views: readonly ClusterView[]): readonly ClusterView[] {
    const now = this.#now();
    const answered = new Set<string>();
    for (const { myself, nodes } of views) {
      const line = myself === undefined ? undefined : nodes.get(myself);
      if (!line) continue;
      answered.add(line.id);
      const view = { myself, nodes: new Map([[line.id, line]]) };
      if (roleOf(line) === 'replica') this.#views.set(line.id, { view, until: now + REMEMBERED });
      else this.#views.delete(line.id);
    }
    for (const [id, { until }] of this.#views) {
      if (until < now || !views.some(({ nodes }) => nodes.has(id))) this.#views.delete(id);
    }
    return [...views, ...[...this.#views].flatMap(([id, { view }]) => (answered.has(id) ? [] : view))];
  }
}
