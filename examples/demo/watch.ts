import { once } from 'node:events';
import {
  createClient,
  createCluster,
  createSentinel,
  type KeyNotification,
  type KeyspaceApi,
  type KeyspaceSubscription
} from 'redis-keyspace';
import type { WatchArguments } from './arguments';
import { clock, gapLine, notificationLine, recoveredLine } from './format';
import { connectError, connectionOptions, detectKind, type ServerKind } from './server-kind';
import type { ServerUrl } from './server-url';

type Print = (line: string) => void;

/** What the three kinds of clients have in common here. */
interface Client extends KeyspaceApi {
  connect(): Promise<unknown>;
  destroy(): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

/**
 * Prints what a server, cluster or Sentinel says, until the signal. Reads only: its configuration too.
 * @throws {ConnectError}
 */
export async function watch(
  { url, patterns, events }: WatchArguments,
  print: Print,
  signal: AbortSignal
): Promise<void> {
  const kind = await detectKind(url);
  const client = clientOf(kind, url, print);
  client.on('error', error => print(`${clock(new Date())}  ERROR      ${error.message}`));
  client.keyspace.on('warning', ({ message }) => print(`${clock(new Date())}  WARNING    ${message}`));
  try {
    await client.connect().catch((error: unknown) => {
      throw connectError(url, error);
    });
    const subscription = await subscribe(client, url, patterns, events, notification =>
      print(notificationLine(notification, new Date()))
    );
    subscription.on('gap', gap => print(`${clock(new Date())}  ${gapLine(gap)}`));
    subscription.on('recovered', gap => print(`${clock(new Date())}  ${recoveredLine(gap)}`));
    print(`Watching ${url.shown}, ${kind.kind}: ${subscription.coverage.nodes.join(', ')}. Ctrl-C ends.`);
    if (!signal.aborted) await once(signal, 'abort');
  } finally {
    client.destroy();
  }
}

function clientOf(kind: ServerKind, url: ServerUrl, print: Print): Client {
  const options = connectionOptions(url);
  const { socket, ...credentials } = options;
  switch (kind.kind) {
    case 'standalone':
      return createClient({ ...options, database: url.database });
    case 'cluster': {
      const defaults = { ...credentials, ...('tls' in socket ? { socket: { tls: true as const } } : {}) };
      return createCluster({ rootNodes: [options], defaults });
    }
    case 'sentinel': {
      const [name, ...others] = kind.names;
      if (name === undefined) throw connectError(url, new Error('this Sentinel monitors no primary'));
      if (others.length) print(`This Sentinel monitors ${kind.names.join(', ')}: watching ${name}.`);
      const shared = { ...credentials, ...('tls' in socket ? { socket: { tls: true as const } } : {}) };
      return createSentinel({
        name,
        sentinelRootNodes: [{ host: url.host, port: url.port }],
        sentinelClientOptions: shared,
        nodeClientOptions: { ...shared, database: url.database }
      });
    }
  }
}

/** By event where only events are asked for: that needs the fewest flags, and brings the fewest messages. */
function subscribe(
  client: Client,
  { database = 'all' }: { database?: number | 'all' },
  patterns: readonly string[],
  events: readonly string[],
  listener: (notification: KeyNotification) => void
): Promise<KeyspaceSubscription> {
  if (!patterns.length && events.length) return client.subscribeKeyevent(events, listener, { database });
  const filter = events.length ? { events } : {};
  return client.subscribeKeyspace(patterns.length ? patterns : '*', listener, { database, ...filter });
}
