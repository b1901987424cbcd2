import { parseClusterNodes } from '../plan/cluster-view';
import { inRanges, joinRanges, type SlotRanges } from '../plan/slot-ranges';

/** What a node says of its slots while it is scanned. */
export interface SlotView {
  readonly slots: SlotRanges;
  readonly importing: ReadonlySet<number>;
  /** By the slots that are leaving the classic way: the id of the node that they go to. */
  readonly leaving: ReadonlyMap<number, string>;
  /** A slot that has left and come back has raised it. */
  readonly epoch: number;
  /** The same for views that say the same. */
  readonly print: string;
}

const LINE = /^\S+ \S+ (?:\S+,)?myself[ ,].*$/m;
const LEAVING = /\[(\d+)->-([^\]]+)\]/g;

/** From the node's own line of CLUSTER NODES. A view that cannot be read has no slots. */
export function parseSlotView(text: string): SlotView {
  const line = LINE.exec(text)?.[0] ?? '';
  const [node] = parseClusterNodes(line).nodes.values();
  const leaving = new Map([...line.matchAll(LEAVING)].map(([, slot, id]) => [Number(slot), id]));
  const print = `${node?.id} ${line.split(' ').slice(6).join(' ')}`;
  if (!node) return { slots: [], importing: new Set(), leaving, epoch: -1, print };
  return { slots: joinRanges(node.slots), importing: node.importing, leaving, epoch: node.configEpoch, print };
}

export function ownsSlot({ slots }: SlotView, slot: number): boolean {
  return inRanges(slots, slot);
}
