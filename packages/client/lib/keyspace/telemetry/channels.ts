import { channel, type Channel } from 'node:diagnostics_channel';
import type { KeyspaceGap } from '../delivery/gap';
import type { KeyNotification, NotificationKey } from '../delivery/key-notification';
import type { DeliveryTap } from '../delivery/subscription';
import type { KeyspaceWarning } from '../nodes/notify-inspector';
import type { KeyspaceEvents, KeyspaceNodeLost, KeyspaceNodeReady } from './events';
import type { KeyspaceTopologyChange } from './topology-change';

/**
 * The names of our channels of `node:diagnostics_channel`, beside node-redis' own `CHANNELS`. Each tells of all clients
 * of the process; nothing is made or published while nobody has subscribed to it.
 */
export const KEYSPACE_CHANNELS = {
  /** Some subscription of a client may miss something. */
  GAP: 'node-redis:keyspace:gap',
  /** A gap is over. */
  RECOVERED: 'node-redis:keyspace:recovered',
  /** Slots, roles or nodes changed. */
  TOPOLOGY_CHANGE: 'node-redis:keyspace:topology-change',
  /** A node is connected and has confirmed everything. */
  NODE_READY: 'node-redis:keyspace:node-ready',
  /** A node that was ready is not heard any more. */
  NODE_LOST: 'node-redis:keyspace:node-lost',
  /** A node will not say what was subscribed. */
  WARNING: 'node-redis:keyspace:warning',
  /** A notification was handed to a subscription: told for each of them. */
  NOTIFICATION: 'node-redis:keyspace:notification'
} as const;

/** Which client tells it. */
export interface KeyspaceChannelSource {
  /** As node-redis' own channels name the client; for pools, clusters and sentinels a name of ours. */
  readonly clientId: string;
}

/** What is published, by the name of the channel. */
export interface KeyspaceChannelEvents {
  /** As the event `gap` of `client.keyspace`. */
  [KEYSPACE_CHANNELS.GAP]: KeyspaceChannelSource & KeyspaceGap;
  /** As the event `recovered` of `client.keyspace`. */
  [KEYSPACE_CHANNELS.RECOVERED]: KeyspaceChannelSource & KeyspaceGap;
  /** As the event `topology-change` of `client.keyspace`. */
  [KEYSPACE_CHANNELS.TOPOLOGY_CHANGE]: KeyspaceChannelSource & KeyspaceTopologyChange;
  /** As the event `node-ready` of `client.keyspace`. */
  [KEYSPACE_CHANNELS.NODE_READY]: KeyspaceChannelSource & KeyspaceNodeReady;
  /** As the event `node-lost` of `client.keyspace`. */
  [KEYSPACE_CHANNELS.NODE_LOST]: KeyspaceChannelSource & KeyspaceNodeLost;
  /** As the event `warning` of `client.keyspace`. */
  [KEYSPACE_CHANNELS.WARNING]: KeyspaceChannelSource & KeyspaceWarning;
  /** As a listener is called with; before the queue, if there is one. */
  [KEYSPACE_CHANNELS.NOTIFICATION]: KeyspaceChannelSource & KeyNotification<NotificationKey>;
}

// Held here for ever: a channel that nobody holds is forgotten with its name.
const byEvent: { readonly [E in keyof KeyspaceEvents]: Channel } = {
  gap: channel(KEYSPACE_CHANNELS.GAP),
  recovered: channel(KEYSPACE_CHANNELS.RECOVERED),
  'topology-change': channel(KEYSPACE_CHANNELS.TOPOLOGY_CHANGE),
  'node-ready': channel(KEYSPACE_CHANNELS.NODE_READY),
  'node-lost': channel(KEYSPACE_CHANNELS.NODE_LOST),
  warning: channel(KEYSPACE_CHANNELS.WARNING)
};
const notifications = channel(KEYSPACE_CHANNELS.NOTIFICATION);

/** Has anybody subscribed to the channel of this event? */
export function isFollowed(event: keyof KeyspaceEvents): boolean {
  return byEvent[event].hasSubscribers;
}

/** Never throws: what a subscriber throws becomes an uncaught exception, as with node-redis' own channels. */
export function publish<E extends keyof KeyspaceEvents>(event: E, clientId: string, told: KeyspaceEvents[E][0]): void {
  const followed = byEvent[event];
  if (followed.hasSubscribers) followed.publish({ clientId, ...told });
}

/** What a client's subscriptions deliver, for the channel of notifications. */
export function notificationTap(clientId: string): DeliveryTap {
  return {
    channel: notifications,
    publish: notification => notifications.publish({ clientId, ...notification })
  };
}
