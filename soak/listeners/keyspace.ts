import type { StormListener } from '@redis-keyspace/test-utils';
import type {
  KeyNotification,
  KeyspaceApi,
  KeyspaceListener,
  KeyspaceSubscription,
  SubscribeOptions
} from '@redis-keyspace/client';

/** The subscriptions of ours that a storm is heard by: one client has them all. */
export function keyspaceListeners(client: KeyspaceApi, options: SubscribeOptions<false> = {}): StormListener[] {
  return [
    listener(
      'keyspace pattern',
      listen => storm => client.subscribeKeyspace({ prefix: storm.prefix }, listen, options)
    ),
    listener(
      'keyevents',
      listen => storm => client.subscribeKeyevent('*', listen, { ...options, keys: { prefix: storm.prefix } })
    ),
    exactKeys(client, options),
    {
      ...listener(
        'expired only',
        listen => storm => client.subscribeKeyevent('expired', listen, { ...options, keys: { prefix: storm.prefix } })
      ),
      wants: event => event === 'expired'
    }
  ];
}

type Listen = KeyspaceListener;
type Subscribe = (storm: Parameters<StormListener['open']>[1]) => Promise<KeyspaceSubscription>;

function listener(name: string, subscribe: (listen: Listen) => Subscribe): StormListener {
  return {
    name,
    async open(hearing, storm) {
      const listen = ({ event, key, database, node }: KeyNotification) => hearing.heard(event, key, database, node);
      const subscription = await subscribe(listen)(storm);
      subscription.on('gap', gap => hearing.gap(gap));
      subscription.on('recovered', gap => hearing.recovered(gap));
      return { fence: () => subscription.fence(), close: () => subscription.unsubscribe() };
    }
  };
}

/** The counters of the slots that move. */
function exactKeys(client: KeyspaceApi, options: SubscribeOptions<false>): StormListener {
  const keys = new Set<string>();
  const { name, open } = listener('exact keys', listen => async storm => {
    for (const key of storm.counters) keys.add(key);
    return client.subscribeKeyspace(
      [...keys].map(key => ({ key })),
      listen,
      options
    );
  });
  return { name, open, wants: (_event, key) => keys.has(key) };
}
