import { ErrorReply } from '../../upstream';
import { KeyspaceRefusedError } from '../errors';
import type { Want } from '../plan/registry';
import { aclRule } from '../protocol';
import type { NodeConnection } from './connection';
import type { Refusal } from './node-subscriber';

/** Names in one command: enough to be cheap, few enough that the server answers others in between. */
const CHUNK = 50_000;

/**
 * Subscribes in the order given, channels before patterns, many names a command. A server refuses a command
 * whole (NOPERM) without saying for which name: then its halves are asked for by themselves, and theirs, so that
 * the others are not affected.
 * `onConfirmed` is called for each name in the order of the stream.
 * @returns the refused ones.
 * @throws whatever is not a server's answer: the connection is gone.
 */
export async function subscribeWants<S>(
  connection: NodeConnection,
  wants: readonly Want<S>[],
  address: string,
  onConfirmed: (want: Want<S>) => void = () => undefined
): Promise<Refusal<S>[]> {
  const refusals = await Promise.all(chunks(wants).map(chunk => ask(connection, chunk, address, onConfirmed)));
  return refusals.flat();
}

export async function unsubscribeWants<S>(connection: NodeConnection, wants: readonly Want<S>[]): Promise<void> {
  await Promise.all(
    chunks(wants).map(chunk =>
      connection.unsubscribe(
        chunk.map(want => want.bytes),
        chunk[0].pattern
      )
    )
  );
}

async function ask<S>(
  connection: NodeConnection,
  wants: readonly Want<S>[],
  address: string,
  onConfirmed: (want: Want<S>) => void
): Promise<Refusal<S>[]> {
  const error = await attempt(connection, wants, onConfirmed);
  if (error === undefined) return [];
  if (wants.length === 1) return [refusal(wants[0], address, error)];
  const middle = wants.length >> 1;
  const halves = [wants.slice(0, middle), wants.slice(middle)];
  return (await Promise.all(halves.map(half => ask(connection, half, address, onConfirmed)))).flat();
}

/** @returns what the server answered instead of confirming. */
async function attempt<S>(
  connection: NodeConnection,
  chunk: readonly Want<S>[],
  onConfirmed: (want: Want<S>) => void
): Promise<Error | undefined> {
  try {
    await connection.subscribe(
      chunk.map(want => want.bytes),
      chunk[0].pattern,
      index => onConfirmed(chunk[index])
    );
    return undefined;
  } catch (error) {
    if (error instanceof ErrorReply) return error;
    throw error;
  }
}

function refusal<S>(want: Want<S>, address: string, error: Error | undefined): Refusal<S> {
  return { want, error: new KeyspaceRefusedError(address, want.bytes.toString(), aclRule(want), error) };
}

function chunks<S>(wants: readonly Want<S>[]): Want<S>[][] {
  const result: Want<S>[][] = [];
  for (const pattern of [false, true]) {
    const names = wants.filter(want => want.pattern === pattern);
    for (let start = 0; start < names.length; start += CHUNK) result.push(names.slice(start, start + CHUNK));
  }
  return result;
}
