export type { KeyOf, KeyspaceApi, KeyspaceListener } from './api';
export type { GapReason, KeyspaceGap } from './delivery/gap';
export type { KeyNotification, NotificationKey } from './delivery/key-notification';
export type { OverflowPolicy } from './delivery/queue';
export type { RescanOptions } from './delivery/rescan-call';
export type { KeyspaceStream } from './delivery/stream';
export type { KeyspaceCoverage, KeyspaceSubscription, SubscriptionEvents } from './delivery/subscription';
export {
  KeyspaceArgumentError,
  KeyspaceClosedError,
  KeyspaceError,
  KeyspaceRefusedError,
  KeyspaceTimeoutError,
  KeyspaceUnsupportedError
} from './errors';
export { KeyspaceNotifications } from './keyspace';
export type { NodeState } from './nodes/node-state';
export type { NodeNotifyReport } from './nodes/notify-config';
export type { KeyspaceWarning } from './nodes/notify-inspector';
export type { LossReason } from './nodes/node-link';
export type { LostReason, ReadyReason } from './nodes/roll';
export type { KeyspaceNodeStatus, KeyspaceStatus } from './nodes/status';
export { DEFAULT_KEYSPACE_OPTIONS, type KeyspaceOptions, type NotifyMode } from './options';
export type { SlotRange, SlotRanges } from './plan/slot-ranges';
export type { KeyTarget } from './plan/target';
export type { NodeRole } from './plan/topology';
export {
  acceptedFlagsOf,
  EVENT_CATALOG,
  expandFlags,
  formatFlags,
  isSince,
  mergeFlags,
  missingFlags,
  NOTIFICATION_KINDS,
  NOTIFY_FLAGS,
  parseFlags,
  unknownFlags,
  unsupportedFlags,
  type CatalogEntry,
  type EventName,
  type FlagSet,
  type KnownEvent,
  type MergeOptions,
  type NotificationKind,
  type NotifyFlag,
  type ServerVersion,
  type Since
} from './protocol';
export type { SubscribeOptions } from './subscribe-call';
export {
  subscriptionNeeds,
  type IntendedSubscription,
  type NeededChannel,
  type SubscriptionNeeds
} from './subscription-needs';
export { KEYSPACE_CHANNELS, type KeyspaceChannelEvents, type KeyspaceChannelSource } from './telemetry/channels';
export type { KeyspaceEvents, KeyspaceNodeLost, KeyspaceNodeReady } from './telemetry/events';
export type { KeyspaceMeter, KeyspaceObservableResult } from './telemetry/metrics';
export {
  KeyspaceTelemetry,
  type KeyspaceMeterProvider,
  type KeyspaceMetricConfig,
  type KeyspaceTelemetryConfig
} from './telemetry/open-telemetry';
export type { KeyspaceMember, KeyspaceSlotChange, KeyspaceTopologyChange } from './telemetry/topology-change';
