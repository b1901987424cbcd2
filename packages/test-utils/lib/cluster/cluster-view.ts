import { toRanges, type SlotRange } from './slot-ranges';

/** One line of CLUSTER NODES. */
export interface NodeView {
  readonly id: string;
  readonly address: string;
  readonly isMyself: boolean;
  readonly isPrimary: boolean;
  /** Flagged `fail`, or `fail?`, which only this observer believes. */
  readonly health: 'ok' | 'suspected' | 'failed';
  /** Being met, or without an address: not a full member yet, or no longer. */
  readonly isPartial: boolean;
  readonly primaryId: string | undefined;
  readonly configEpoch: number;
  readonly isLinked: boolean;
  readonly slots: readonly SlotRange[];
  /** Slots that this node is handing over or taking by SETSLOT; on the `myself` line only. */
  readonly migrating: ReadonlyMap<number, string>;
  readonly importing: ReadonlyMap<number, string>;
}

/** The cluster as one node sees it. */
export type ClusterView = readonly NodeView[];

/** Reads the reply to CLUSTER NODES. */
export function parseClusterNodes(text: string): ClusterView {
  return text.split('\n').filter(Boolean).map(parseLine);
}

function parseLine(line: string): NodeView {
  const [id, endpoint, flagList, primary, , , epoch, link, ...rest] = line.split(' ');
  const flags = flagList.split(',');
  const moving = (arrow: string) =>
    new Map(
      rest.flatMap(item => {
        const match = /^\[(\d+)-([<>])-(\w+)\]$/.exec(item);
        return match?.[2] === arrow ? [[Number(match[1]), match[3]] as const] : [];
      })
    );
  return {
    id,
    address: endpoint.split(/[@,]/, 1)[0],
    isMyself: flags.includes('myself'),
    isPrimary: flags.includes('master'),
    health: flags.includes('fail') ? 'failed' : flags.includes('fail?') ? 'suspected' : 'ok',
    isPartial: flags.includes('handshake') || flags.includes('noaddr'),
    primaryId: primary === '-' ? undefined : primary,
    configEpoch: Number(epoch),
    isLinked: link === 'connected',
    slots: toRanges(
      rest
        .filter(item => /^\d/.test(item))
        .map(item => {
          const [from, to = from] = item.split('-').map(Number);
          return [from, to] as const;
        })
    ),
    migrating: moving('>'),
    importing: moving('<')
  };
}

/** What two nodes must say alike to agree: members, roles, health and slots; nothing of times and epochs. */
export function fingerprint(view: ClusterView): string {
  const lines = view.map(node =>
    [node.id, node.address, node.isPrimary, node.primaryId, node.health, node.isPartial, node.slots.join(' ')].join(',')
  );
  return lines.sort().join('\n');
}
