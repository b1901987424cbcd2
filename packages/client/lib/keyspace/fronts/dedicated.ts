import type { RedisClientOptions } from '../../upstream';
import { openConnection } from '../nodes/connection';
import type { NotifyNode, SendCommand } from '../nodes/notify-config';

/** Milliseconds to wait for a node that is asked a single question. */
const ASK_TIMEOUT = 2_000;

const IGNORE = { message: () => undefined, closed: () => undefined };

/** Opens a connection, uses it, and closes it whatever happens. @throws what connecting or `use` failed with. */
export async function askOnce<T>(options: RedisClientOptions, use: (send: SendCommand) => Promise<T>): Promise<T> {
  const signal = AbortSignal.timeout(ASK_TIMEOUT);
  const connection = await openConnection(options, IGNORE, signal);
  const giveUp = () => connection.destroy();
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    return await use(args => connection.command(args));
  } finally {
    signal.removeEventListener('abort', giveUp);
    connection.destroy();
  }
}

/** How node-redis, and so the fronts, name an address. */
export function addressOf(host: string, port: number): Pick<NotifyNode, 'address' | 'host' | 'port'> {
  return { host, port, address: `${host}:${port}` };
}
