import { createClient } from 'redis-keyspace';
import type { ServerUrl } from './server-url';

/** What answers at a URL. */
export type ServerKind =
  { readonly kind: 'standalone' | 'cluster' } | { readonly kind: 'sentinel'; readonly names: readonly string[] };

/** Nobody can be asked there; the message says what was tried. */
export class ConnectError extends Error {
  override readonly name = 'ConnectError';
}

const CONNECT_TIMEOUT = 5_000;

/** The options of a connection to the server of the URL, its database left out. */
export function connectionOptions({ host, port, tls, username, password }: ServerUrl) {
  return { username, password, socket: tls ? { host, port, tls: true as const } : { host, port } };
}

/**
 * Asks the server what it is: INFO, and where that is not allowed CLUSTER INFO.
 * @throws {ConnectError}
 */
export async function detectKind(url: ServerUrl): Promise<ServerKind> {
  const { socket, ...options } = connectionOptions(url);
  const client = createClient({
    ...options,
    socket: { ...socket, connectTimeout: CONNECT_TIMEOUT, reconnectStrategy: false }
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const ask = (...command: string[]) => client.sendCommand(command).catch(() => '');
    const info = String(await ask('INFO', 'server'));
    if (/^redis_mode:sentinel|^server_mode:sentinel/m.test(info))
      return { kind: 'sentinel', names: namesOf(await client.sendCommand(['SENTINEL', 'MASTERS'])) };
    const isCluster =
      /^(redis|server)_mode:cluster/m.test(info) || /^cluster_state:/m.test(String(await ask('CLUSTER', 'INFO')));
    return { kind: isCluster ? 'cluster' : 'standalone' };
  } catch (error) {
    throw connectError(url, error);
  } finally {
    client.destroy();
  }
}

export function connectError({ shown }: ServerUrl, error: unknown): ConnectError {
  const { message, code } = error as NodeJS.ErrnoException;
  const reason = message || code || String(error);
  return new ConnectError(`Cannot connect to ${shown}: ${reason}`, { cause: error });
}

/** SENTINEL MASTERS: a map of fields for each monitored primary, a flat list with RESP2. */
function namesOf(reply: unknown): string[] {
  return (reply as unknown[]).map(master => {
    if (master instanceof Map) return String(master.get('name'));
    if (Array.isArray(master)) return String(master[master.indexOf('name') + 1]);
    return String((master as { name: unknown }).name);
  });
}
