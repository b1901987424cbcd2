import { roleOf, type ClusterView, type ClusterViewNode } from './cluster-view';

/** Milliseconds until every node has heard from all others: servers ping each other once a second or so. */
const REMEMBERED = 3_000;

/**
 * What nodes have said of themselves of late, for looks at which they do not answer. Others may not have heard of it
 * yet: they call a demoted node, which is not asked itself any more by then, a primary without slots (Redis 7.0), and
 * give a slot to the owner that it had before.
 */
export class RememberedNodes {
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
      this.#views.set(line.id, { view: memoryOf(line), until: now + REMEMBERED });
    }
    for (const [id, { until }] of this.#views) {
      if (until < now || !views.some(({ nodes }) => nodes.has(id))) this.#views.delete(id);
    }
    return [...views, ...[...this.#views].flatMap(([id, { view }]) => (answered.has(id) ? [] : view))];
  }
}

/** A replica's word about itself stands; a primary's is hearsay, for it may have failed meanwhile, as others say. */
function memoryOf(line: ClusterViewNode): ClusterView {
  if (roleOf(line) === 'replica') return { myself: line.id, nodes: new Map([[line.id, line]]) };
  const flags = new Set([...line.flags].filter(flag => flag !== 'myself'));
  return { myself: undefined, nodes: new Map([[line.id, { ...line, flags }]]) };
}
