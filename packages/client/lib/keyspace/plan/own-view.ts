import { parseClusterNodes } from './cluster-view';
import type { SlotRange, SlotRanges } from './slot-ranges';

/** What a node says of itself. */
export interface OwnView {
  readonly id: string;
  readonly isPrimary: boolean;
  /** Whom it replicates, for a replica. */
  readonly primaryId: string | undefined;
  /** The slots that it claims; a replica claims none. */
  readonly slots: readonly SlotRange[];
  /** Those that are coming in by the classic way. */
  readonly importing: ReadonlySet<number>;
  /** Those that are, or were until now, coming in by the atomic way (Redis 8.4+, Valkey 9); undefined: not asked. */
  readonly atomic?: SlotRanges;
}

const MYSELF = /^\S+ \S+ (?:\S+,)?myself[ ,].*$/m;

/** The line of the node that answered CLUSTER NODES: of a thousand lines only that one is read. */
export function parseOwnView(text: string): OwnView | undefined {
  const line = MYSELF.exec(text)?.[0];
  if (line === undefined) return undefined;
  const [node] = parseClusterNodes(line).nodes.values();
  if (!node) return undefined;
  const { id, flags, primaryId, slots, importing } = node;
  return { id, isPrimary: flags.has('master') || flags.has('primary'), primaryId, slots, importing };
}
