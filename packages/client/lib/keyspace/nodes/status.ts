import type { KeyspaceGap } from '../delivery/gap';
import type { NodeRole } from '../plan/topology';
import { countSlots } from '../plan/slot-ranges';
import type { Coordinator } from './coordinator';
import type { NodeState } from './node-state';

/** One primary, as `status()` tells of it. */
export interface KeyspaceNodeStatus {
  /** `host:port` */
  readonly node: string;
  /** A primary: replicas are not connected. */
  readonly role: NodeRole;
  /** The state of its connection. */
  readonly state: NodeState;
  /** How many slots it owns; 16,384 without a cluster. */
  readonly slots: number;
  /** When the present connection became ready. */
  readonly connectedAt: Date | undefined;
  /** How many messages it sent. */
  readonly received: number;
  /** All that it said before this time has been read. */
  readonly heardUntil: Date | undefined;
  /** What the last connection, or attempt at one, failed with. */
  readonly error: Error | undefined;
}

/** What `keyspace.status()` gives: a plain object, a picture of the moment. */
export interface KeyspaceStatus {
  /** The primaries; none while nobody is subscribed. */
  readonly nodes: readonly KeyspaceNodeStatus[];
  /** Subscriptions that stand. */
  readonly subscriptions: number;
  /** Notifications handed to subscriptions. */
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
  };
}

export function statusOf(coordinator: Coordinator): KeyspaceStatus {
  const subscriptions = [...coordinator.established];
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  return {
    nodes: [...coordinator.nodes.values()].map(({ node, state, received, connectedAt, heardUntil, lastError }) => ({
      node: node.address,
      role: node.role,
      state,
      slots: countSlots(node.slots),
      connectedAt: connectedAt ? new Date(connectedAt) : undefined,
      received,
      heardUntil: heardUntil ? new Date(heardUntil) : undefined,
      error: lastError
    })),
    subscriptions: subscriptions.length,
    delivered: sum(subscriptions.map(({ received }) => received)),
    dropped: sum(subscriptions.map(({ dropped }) => dropped)),
    hidden: coordinator.handover.hidden,
    ignored: coordinator.dispatcher.ignored,
    gaps: { open: [...coordinator.ledger.open].map(({ gap }) => gap), total: coordinator.ledger.total }
  };
}
