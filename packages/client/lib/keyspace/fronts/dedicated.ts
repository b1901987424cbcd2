import { createDedicatedClient, sendForBytes, type RedisClientOptions } from '../../upstream';
import { openConnection } from '../nodes/connection';
import type { NotifyNode, SendCommand } from '../nodes/notify-config';
import { within } from '../nodes/within';
import type { ScanConnection } from '../rescan/scanner';

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

/**
 * Opens a connection for many questions, on which nothing is subscribed. One that does not answer within `timeout`
 * milliseconds is closed. @throws what connecting failed with, or the signal's reason when it aborts.
 */
export async function openForScan(
  options: RedisClientOptions,
  timeout: number,
  signal: AbortSignal
): Promise<ScanConnection> {
  const client = createDedicatedClient(options);
  // What it breaks with is told to whoever waits for an answer.
  client.on('error', () => undefined);
  let hasSocket = false;
  const close = () => {
    // Upstream goes on connecting when it is destroyed before it has a socket (6.3.1).
    if (!hasSocket) client.on('connect', close);
    else if (client.isOpen) client.destroy();
  };
  client.on('connect', () => void (hasSocket = true));
  const late = () => new Error(`no answer within ${timeout} ms`);
  try {
    // Upstream's promise may stay pending for ever when a client is destroyed while it connects.
    await within(
      client.connect().then(() => undefined),
      timeout,
      late,
      signal
    );
  } catch (error) {
    close();
    throw error;
  }
  const send: ScanConnection['send'] = async args => {
    const timer = setTimeout(close, timeout);
    return sendForBytes(client, args).finally(() => clearTimeout(timer));
  };
  return { send, close };
}

/** How node-redis, and so the fronts, name an address. */
export function addressOf(host: string, port: number): Pick<NotifyNode, 'address' | 'host' | 'port'> {
  return { host, port, address: `${host}:${port}` };
}
