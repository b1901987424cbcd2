import type { NodeCounts } from '../delivery/tally';
import type { KeyspaceStatus } from '../nodes/status';

/** A client as the metrics see it. */
export interface ObservedClient {
  readonly clientId: string;
  status(): KeyspaceStatus;
  /** By the address of each node, those that have left included: nothing here is ever counted down. */
  counts(): ReadonlyMap<string, Readonly<NodeCounts>>;
}

/** The clients that have subscribed since they were made or closed, so that metrics that are turned on later see all. */
export const observedClients = new Set<ObservedClient>();
