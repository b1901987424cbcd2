import { ErrorReply } from '../../upstream';
import { KeyspaceRefusedError } from '../errors';
import type { Want } from '../plan/registry';
import { aclRule } from '../protocol';
import type { NodeConnection } from './connection';
import type { Refusal } from './node-subscriber';

/** Names in one command: enough to be cheap, few enough that the server answers others in between. */
const CHUNK = 10_000;

/**
 * Subscribes in the order given, channels before patterns, many names a command. A server refuses a command
 * whole (NOPERM) without saying for which name: then each of its names is asked for by itself, so that the
 * others are not affected.
 * @returns the refused ones.
 * @throws whatever is not a server's answer: the connection is gone.
 */
export async function subscribeWants<S>(connection: NodeConnection, wants: readonly Want<S>[], address: string): Promise<Refusal<S>[]> {
  const refusals: Refusal<S>[] = [];
  await Promise.all(
    chunks(wants).map(async chunk => {
      const error = await attempt(connection, chunk);
      if (error === undefined) return;
      if (chunk.length === 1) refusals.push(refusal(chunk[0]!, address, error));
      else refusals.push(...(await oneByOne(connection, chunk, address)));
    })
  );
  return refusals;
}

export async function unsubscribeWants<S>(connection: NodeConnection, wants: readonly Want<S>[]): Promise<void> {
  await Promise.all(chunks(wants).map(chunk => connection.unsubscribe(chunk.map(want => want.bytes), chunk[0]!.pattern)));
}

async function oneByOne<S>(connection: NodeConnection, wants: readonly Want<S>[], address: string): Promise<Refusal<S>[]> {
  const errors = await Promise.all(wants.map(want => attempt(connection, [want])));
  return wants.flatMap((want, index) => (errors[index] === undefined ? [] : [refusal(want, address, errors[index])]));
}

/** @returns what the server answered instead of confirming. */
async function attempt<S>(connection: NodeConnection, chunk: readonly Want<S>[]): Promise<Error | undefined> {
  try {
    await connection.subscribe(
      chunk.map(want => want.bytes),
      chunk[0]!.pattern
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
