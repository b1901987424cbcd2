import type { KeyspaceGap } from '../delivery/gap';
import type { KeyspaceWarning } from '../nodes/notify-inspector';
import type { LostReason, ReadyReason } from '../nodes/roll';
import type { NodeRole } from '../plan/topology';
import type { KeyspaceTopologyChange } from './topology-change';

/** A node is connected and has confirmed everything that is wanted of it. */
export interface KeyspaceNodeReady {
  /** `host:port` */
  readonly node: string;
  /** A primary, or a replica of a cluster, which is connected beforehand. */
  readonly role: NodeRole;
  /** Connected for the first time, or again after it was lost; or a replica, told before, is heard as a primary now. */
  readonly reason: ReadyReason;
}

/** A node that was ready is not heard any more. */
export interface KeyspaceNodeLost {
  /** `host:port` */
  readonly node: string;
  /** What it was when it was heard. */
  readonly role: NodeRole;
  /**
   * Its connection broke (`disconnected`), or it did not answer for `heartbeatTimeout` (`node-silent`): it is
   * connected again. Or it was let go: it is a replica now (`demoted`), or it is not part of the cluster any more, or
   * not at this address (`left`).
   */
  readonly reason: LostReason;
  /** What its connection failed with; undefined when it was let go. */
  readonly error: Error | undefined;
}

/** What `client.keyspace` tells of all subscriptions of a client together. */
export interface KeyspaceEvents {
  /** Some subscription may miss something; it has been told as well. */
  gap: [gap: KeyspaceGap];
  /** The gap is over; told before the first new notification. */
  recovered: [gap: KeyspaceGap];
  /** Slots, roles or nodes changed. First told of the topology that the first subscription finds. */
  'topology-change': [change: KeyspaceTopologyChange];
  /** A node is connected and has confirmed everything. */
  'node-ready': [node: KeyspaceNodeReady];
  /** A node that was ready is not heard any more. Not told when the last subscription ends. */
  'node-lost': [node: KeyspaceNodeLost];
  /** A node will not say what was subscribed. Without a listener it goes to `process.emitWarning`. */
  warning: [warning: KeyspaceWarning];
}
