import { KeyspaceArgumentError } from './errors';
import { refuseUnknown, requireBoolean, requireOneOf } from './options';
import { namesOf } from './plan/interest';
import type { KeyTarget } from './plan/target';
import {
  aclRule,
  formatFlags,
  NOTIFICATION_KINDS,
  requiredFlags,
  type EventName,
  type NotificationKind
} from './protocol';
import { parseCall, type SubscribeOptions } from './subscribe-call';

/** A `subscribe…` call as a value: `{ kind: 'keyspace', target: 'user:*' }` is `subscribeKeyspace('user:*')`. */
export interface IntendedSubscription {
  /** Which call it is: `keyspace` for `subscribeKeyspace`, `subkeyevent` for `subscribeSubkeyevent`, … */
  readonly kind: NotificationKind;
  /** The keys, where the call takes them. */
  readonly target?: KeyTarget | readonly KeyTarget[];
  /** The events, where the call takes them. */
  readonly event?: EventName | readonly EventName[];
  /** The fields of `subscribeSubkeyspaceItem`. */
  readonly subkey?: KeyTarget | readonly KeyTarget[];
  /** Its options, as the call takes them. */
  readonly options?: Pick<SubscribeOptions, 'database' | 'events' | 'keys'>;
  /** Of a cluster client: it asks for `restore` where it hears `del`. @default false */
  readonly cluster?: boolean;
}

/** A channel or pattern that is subscribed. */
export interface NeededChannel {
  /** Exactly what is sent, its bytes read as UTF-8. */
  readonly name: string;
  /** Sent with PSUBSCRIBE: an ACL rule then has to equal it byte for byte. */
  readonly pattern: boolean;
  /** The ACL rule that allows it and as little else as possible. */
  readonly rule: string;
}

/** What a subscription needs of every server. */
export interface SubscriptionNeeds {
  /** The fewest letters of `notify-keyspace-events`. */
  readonly flags: string;
  /** What will be sent, in this order. In a cluster, sharded channels besides: see the guide on ACL. */
  readonly channels: readonly NeededChannel[];
}

const FIELDS = { kind: 1, target: 1, event: 1, subkey: 1, options: 1, cluster: 1 };

/**
 * What a `subscribe…` call will need, without a server: for those who configure servers or grant rights beforehand.
 * @throws {KeyspaceArgumentError} what the call itself would refuse.
 */
export function subscriptionNeeds(intended: IntendedSubscription): SubscriptionNeeds {
  if (typeof intended !== 'object' || intended === null)
    throw new KeyspaceArgumentError('intended', 'an object', intended);
  refuseUnknown('intended', intended, FIELDS);
  const { kind, target, event, subkey, options, cluster = false } = intended;
  requireOneOf('kind', kind, NOTIFICATION_KINDS);
  requireBoolean('cluster', cluster);
  const context = { defaultDatabase: 0, keyPrefix: Buffer.alloc(0), isSharded: cluster };
  const { interest } = parseCall(kind, { target, event, subkey }, [options], context);
  const events = interest.events?.map(({ part }) => ('literal' in part ? part.literal : part.glob).toString());
  return {
    flags: formatFlags(requiredFlags([{ kind, events }])),
    channels: namesOf(interest).map(name => ({
      name: name.bytes.toString(),
      pattern: name.pattern,
      rule: aclRule(name)
    }))
  };
}
