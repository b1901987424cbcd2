import { createClient, createCluster, createSentinel, type KeyspaceApi, type KeyspaceOptions } from 'redis-keyspace';
import { ConnectError, reasonOf } from '../errors';
import { cannotConnect } from './advice';
import type { Contact } from './detect';
import { clientOptions } from './link';
import type { ConnectionSettings } from './settings';
import { within } from './within';

/** What the clients of the three kinds have in common here. */
export interface KeyspaceClient extends KeyspaceApi {
  connect(): Promise<unknown>;
  destroy(): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

/** A client as an application would make it; not connected yet. */
export function createKeyspaceClient(
  { kind, name, url, credentials: sentinelCredentials }: Contact,
  settings: ConnectionSettings,
  more: KeyspaceOptions
): KeyspaceClient {
  const { credentials, database, urls, timeout } = settings;
  const keyspace = { subscribeTimeout: 2 * timeout, ...more };
  const { socket, ...shared } = clientOptions(url, settings, credentials);
  const { host: _host, port: _port, ...socketDefaults } = socket;
  switch (kind) {
    case 'standalone':
      return createClient({ ...shared, socket, database, keyspace });
    case 'cluster':
      return createCluster({
        rootNodes: urls.map(root => clientOptions(root, settings, credentials)),
        defaults: { ...shared, socket: socketDefaults },
        keyspace
      });
    case 'sentinel':
      return createSentinel({
        name: name!,
        sentinelRootNodes: urls.map(({ host, port }) => ({ host, port })),
        sentinelClientOptions: { ...sentinelCredentials, socket: socketDefaults },
        nodeClientOptions: { ...credentials, socket: socketDefaults, database },
        keyspace
      });
  }
}

/** What fails is still to be destroyed. @throws {ConnectError} with what the client has complained of meanwhile. */
export async function connect(
  client: KeyspaceClient,
  { url }: Contact,
  { timeout }: ConnectionSettings
): Promise<void> {
  let complaint: Error | undefined;
  client.on('error', error => (complaint = error));
  try {
    await within('answer', 2 * timeout, client.connect());
  } catch (error) {
    throw new ConnectError(cannotConnect(url.shown, reasonOf(complaint ?? error)), { cause: error });
  }
}
