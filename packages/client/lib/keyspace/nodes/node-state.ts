/**
 * waiting -> connecting -> subscribing -> ready, back to waiting from any of them when the connection is
 * lost or cannot be made, and to closed from all.
 */
export const NODE_STATES = ['waiting', 'connecting', 'subscribing', 'ready', 'closed'] as const;
/** One of `NODE_STATES`. */
export type NodeState = (typeof NODE_STATES)[number];

/** Which state may follow which. */
export const NODE_TRANSITIONS: Readonly<Record<NodeState, readonly NodeState[]>> = {
  waiting: ['connecting', 'closed'],
  connecting: ['subscribing', 'waiting', 'closed'],
  subscribing: ['ready', 'waiting', 'closed'],
  ready: ['waiting', 'closed'],
  closed: []
};
