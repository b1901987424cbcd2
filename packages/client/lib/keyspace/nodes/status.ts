import type { KeyspaceGap } from '../delivery/gap';
import { countSlots } from '../plan/slot-ranges';
import type { NodeRole } from '../plan/topology';
import type { Coordinator } from './coordinator';
import type { Node } from './handover';
import type { NodeState } from './node-state';

/**
 * One node, as `status()` tells of it. What is counted is counted since the client was made, also while the node was
 * away or had another role.
 */
export interface KeyspaceNodeStatus {
  /** `host:port` */
  readonly node: string;
  /** A primary, or the replica of a cluster: such a one is connected beforehand, and nothing is subscribed on it. */
  readonly role: NodeRole;
  /** The state of its connection. */
  readonly state: NodeState;
  /** How many slots it owns; 16,384 without a cluster. */
  readonly slots: number;
  /** When the present connection became ready; undefined while it is not. */
  readonly connectedAt: Date | undefined;
  /** How many messages it sent. */
  readonly received: number;
  /** How many notifications of it were handed to subscriptions: one that concerns two counts twice. */
  readonly delivered: number;
  /** How many of its messages were hidden, since it was not to be believed: see `KeyspaceStatus`. */
  readonly hidden: number;
  /** How many notifications of it were given up by full queues. */
  readonly dropped: number;
  /** All that it said before this time has been read. */
  readonly heardUntil: Date | undefined;
  /** Milliseconds that its last answered PING took, of the heartbeat or a fence; undefined before the first. */
  readonly fenceRoundTrip: number | undefined;
  /** How many gaps that name it are open. */
  readonly openGaps: number;
  /** What the last connection, or attempt at one, failed with. */
  readonly error: Error | undefined;
}

/** What `keyspace.status()` gives: a plain object, a picture of the moment. */
export interface KeyspaceStatus {
  /** The primaries, then the replicas of a cluster; none while nobody is subscribed. */
  readonly nodes: readonly KeyspaceNodeStatus[];
  /** Subscriptions that stand. */
  readonly subscriptions: number;
  /** Notifications handed to subscriptions, since the client was made. */
  readonly delivered: number;
  /** Notifications given up because a queue was full. */
  readonly dropped: number;
  /** Messages that no believed node said: a key's move, an import, the echo of a demoted node. */
  readonly hidden: number;
  /** Messages that were no notification, or for nobody. */
  readonly ignored: number;
  /** Those of the queues (`overflow`) are told to their subscriptions only. */
  readonly gaps: {
    /** Those that are not over yet. */
    readonly open: readonly KeyspaceGap[];
    /** How many there have been. */
    readonly total: number;
    /** How many of them were told as recovered. The rest are open, or were when the last subscription ended. */
    readonly recovered: number;
  };
}

export function statusOf(coordinator: Coordinator): KeyspaceStatus {
  const { nodes, replicas, established, ledger, tally, dispatcher } = coordinator;
  const open = [...ledger.open].map(({ gap }) => gap);
  const { delivered, dropped, hidden } = tally.total();
  return {
    nodes: [...nodes.values(), ...replicas.values()].map(node => nodeStatusOf(node, open)),
    subscriptions: established.size,
    delivered,
    dropped,
    hidden,
    ignored: dispatcher.ignored,
    gaps: { open, total: ledger.total, recovered: ledger.recovered }
  };
}

function nodeStatusOf(node: Node, open: readonly KeyspaceGap[]): KeyspaceNodeStatus {
  const { address, state, counts, connectedAt, heardUntil, roundTrip, lastError } = node;
  const { role, slots } = node.node;
  return {
    node: address,
    role,
    state,
    slots: countSlots(slots),
    connectedAt: state === 'ready' ? new Date(connectedAt) : undefined,
    ...counts,
    heardUntil: heardUntil ? new Date(heardUntil) : undefined,
    fenceRoundTrip: roundTrip,
    openGaps: open.filter(gap => gap.node === address).length,
    error: lastError
  };
}
