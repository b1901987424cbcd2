import {
  ClientClosedError,
  clientIdOf,
  followSelect,
  keyPrefixOf,
  respOf,
  type RedisClientOptions,
  type UpstreamClient
} from '../../upstream';
import { KeyspaceUnsupportedError } from '../errors';
import type { Front } from '../front';
import { openConnection } from '../nodes/connection';
import type { Connect } from '../nodes/node-link';
import { SharedConnection } from '../nodes/shared-connection';
import { singleTopology } from '../plan/topology';
import { addressOf, askOnce, openForScan } from './dedicated';

/** A single client: one node that never changes, on a dedicated connection made of the client's own options. */
export function standaloneFront(client: UpstreamClient, shareConnection: boolean): Front {
  const options = () => client.options;
  const selected = followSelect(client);
  const front = singleNodeFront('client', options, () => {
    if (!client.isOpen) throw new ClientClosedError();
  });
  return {
    ...front,
    keyPrefix: keyPrefixOf(client),
    clientId: clientIdOf(client),
    get defaultDatabase() {
      return selected() ?? client.options?.database ?? 0;
    },
    connect: shareConnection ? shareWhenReady(client) : front.connect,
    prepare: () => (shareConnection ? requireShareable(client) : Promise.resolve()),
    reportError: error => (client as unknown as NodeJS.EventEmitter).emit('error', error)
  };
}

/** What standalone and pool have in common. */
export function singleNodeFront(
  kind: Front['kind'],
  options: () => RedisClientOptions,
  assertOpen: () => void
): Omit<Front, 'keyPrefix' | 'defaultDatabase' | 'reportError' | 'prepare'> {
  return {
    kind,
    assertOpen,
    connect: (_node, handler, signal) => openConnection(options(), handler, signal),
    ask: (_node, use) => askOnce(options(), use),
    openForScan: (_node, signal, timeout) => openForScan(options(), timeout, signal),
    look: ({ current }) => Promise.resolve(current ?? singleTopology(nodeOf(options())))
  };
}

function nodeOf({ socket }: RedisClientOptions) {
  const { host = 'localhost', port = 6379, path } = (socket ?? {}) as { host?: string; port?: number; path?: string };
  return path === undefined ? addressOf(host, port) : { host: path, port: 0, address: path };
}

/** Upstream reconnects by itself: wait for it. */
function shareWhenReady(client: UpstreamClient): Connect {
  return async (_node, handler, signal) => {
    if (!client.isReady) {
      await new Promise<void>((resolve, reject) => {
        const done = (settle: () => void) => () => {
          client.off('ready', onReady);
          signal.removeEventListener('abort', onAbort);
          settle();
        };
        const onReady = done(resolve);
        const onAbort = done(() => reject(new ClientClosedError()));
        client.on('ready', onReady);
        signal.addEventListener('abort', onAbort, { once: true });
      });
    }
    return new SharedConnection(client, handler);
  };
}

/**
 * Before Redis 7.2 a push can land inside the reply of EXEC on the same connection and upstream's decoder
 * throws; with RESP2 a subscribed connection takes no commands.
 * @throws {KeyspaceUnsupportedError} naming what is in the way.
 */
async function requireShareable(client: UpstreamClient): Promise<void> {
  if (respOf(client.options) === 2)
    throw new KeyspaceUnsupportedError('shareConnection: true needs RESP 3, the client has RESP: 2');
  const info = String(await client.sendCommand<string>(['INFO', 'server']));
  const version = /^redis_version:(\d+)\.(\d+)/m.exec(info);
  const [major, minor] = version ? [Number(version[1]), Number(version[2])] : [0, 0];
  if (major > 7 || (major === 7 && minor >= 2)) return;
  throw new KeyspaceUnsupportedError(
    `shareConnection: true needs Redis >= 7.2 or Valkey, the server says ${version?.[0] ?? 'no redis_version'}`
  );
}
