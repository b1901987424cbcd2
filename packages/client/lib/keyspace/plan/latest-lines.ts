import { roleOf, type ClusterView, type ClusterViewNode } from './cluster-view';

/**
 * Of each node the latest line: the one with the greatest epoch, of equals its own. What moves by the classic
 * way stands on its own line only. Which view comes first does not matter.
 */
export function latestLines(views: readonly ClusterView[]): Map<string, ClusterViewNode> {
  const lines = new Map<string, ClusterViewNode>();
  for (const view of views) for (const line of view.nodes.values()) keepLatest(lines, line);
  const own = new Map<string, ClusterViewNode>();
  for (const { myself, nodes } of views) if (myself !== undefined) keepLatest(own, nodes.get(myself)!);
  for (const [id, { importing, migrating }] of own) lines.set(id, { ...lines.get(id)!, importing, migrating });
  for (const line of lines.values()) if (!line.host) lines.set(line.id, { ...line, host: hostFor(line.id, views) });
  return lines;
}

/** A node may not know its own address, while others do. */
function hostFor(id: string, views: readonly ClusterView[]): string {
  const named = new Map<string, ClusterViewNode>();
  for (const { nodes } of views) {
    const line = nodes.get(id);
    if (line?.host) keepLatest(named, line);
  }
  return named.get(id)?.host ?? '';
}

function keepLatest(lines: Map<string, ClusterViewNode>, line: ClusterViewNode): void {
  const best = lines.get(line.id);
  if (!best || isLater(line, best)) lines.set(line.id, line);
}

/** Of two lines the greater is the later, by the first of these that differs. */
const CRITERIA: readonly ((line: ClusterViewNode) => number | string)[] = [
  ({ configEpoch }) => configEpoch,
  ({ flags }) => Number(flags.has('myself')),
  // Of what is equally late any would do, so long as it is always the same.
  line => roleOf(line) ?? '',
  ({ flags }) => Number(flags.has('fail')),
  ({ primaryId = '' }) => primaryId,
  ({ host }) => host,
  ({ port }) => port,
  ({ importing }) => textOf(importing),
  ({ migrating }) => textOf(migrating)
];

function isLater(line: ClusterViewNode, best: ClusterViewNode): boolean {
  for (const criterion of CRITERIA) {
    const value = criterion(line);
    const other = criterion(best);
    if (value !== other) return value > other;
  }
  return false;
}

function textOf(slots: ReadonlySet<number>): string {
  return slots.size ? [...slots].join() : '';
}
