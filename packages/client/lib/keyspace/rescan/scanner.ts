import calculateSlot from 'cluster-key-slot';
import { ErrorReply } from '../../upstream';
import type { DatabaseSelector } from '../protocol';
import type { KeySearch, SearchPass } from './key-search';

/** A connection of a rescan's own. Answers come with their bytes as Buffers, in the order of the questions. */
export interface ScanConnection {
  /** Rejects with the server's `ErrorReply`, or with anything else when the connection is lost or late. */
  send(args: readonly (string | Buffer)[]): Promise<unknown>;
  /** Idempotent. */
  close(): void;
}

/** What makes sure that the keys of a node stay where they are while it is scanned. */
export interface ScanWatch {
  wants(slot: number): boolean;
  /** Looks at the node: what is sent after the call is answered after it has been looked at. */
  look(connection: ScanConnection): Promise<void>;
  /** A key of this slot is elsewhere. */
  away(slot: number): void;
  /** The slots are coming in: keys are answered for whoever says ASKING. */
  readonly isTarget: boolean;
}

export interface ScanSettings {
  readonly search: KeySearch;
  readonly databases: readonly DatabaseSelector[];
  readonly count: number;
}

const REDIRECTION = /^(ASK|MOVED|TRYAGAIN|CLUSTERDOWN)\b/;
const REFUSED = /^(NOPERM|NOAUTH|LOADING|BUSY|MASTERDOWN)\b/;

/**
 * One scan of one node: in each database one pass for each pattern, and the exact keys by name. Each step is sent
 * right behind a look at the node, the last look comes after the last step.
 */
export async function* scan(
  connection: ScanConnection,
  watch: ScanWatch,
  { search, databases, count }: ScanSettings
): AsyncGenerator<Buffer, void, void> {
  let selected = 0;
  for (const database of await databasesOf(connection, databases)) {
    if (database !== selected && !(await select(connection, database))) continue;
    selected = database;
    yield* exactKeys(connection, watch, search.exact, count);
    for (const pass of search.passes) yield* matchingKeys(connection, watch, pass, count);
  }
  await watch.look(connection);
}

/** `'all'` are those that have keys. */
async function databasesOf(
  connection: ScanConnection,
  databases: readonly DatabaseSelector[]
): Promise<readonly number[]> {
  if (!databases.includes('all')) return databases as readonly number[];
  const info = String(await connection.send(['INFO', 'keyspace']));
  return [...info.matchAll(/^db(\d+):/gm)].map(([, number]) => Number(number));
}

/** @returns false for a database that the server does not have: nothing is heard of it either. */
async function select(connection: ScanConnection, database: number): Promise<boolean> {
  try {
    await connection.send(['SELECT', String(database)]);
    return true;
  } catch (error) {
    if (!(error instanceof ErrorReply) || REFUSED.test(error.message)) throw error;
    return false;
  }
}

async function* matchingKeys(
  connection: ScanConnection,
  watch: ScanWatch,
  { match, accepts }: SearchPass,
  count: number
): AsyncGenerator<Buffer, void, void> {
  const rest = [...(match ? ['MATCH', match] : []), 'COUNT', String(count)];
  let cursor: string | Buffer = '0';
  do {
    const looked = watch.look(connection);
    const [page] = await Promise.all([connection.send(['SCAN', cursor, ...rest]), looked]);
    const [next, keys] = page as [Buffer, Buffer[]];
    for (const key of keys) if (accepts(key) && watch.wants(calculateSlot(key))) yield key;
    cursor = next;
  } while (cursor.toString() !== '0');
}

async function* exactKeys(
  connection: ScanConnection,
  watch: ScanWatch,
  exact: readonly Buffer[],
  count: number
): AsyncGenerator<Buffer, void, void> {
  const keys = exact.filter(key => watch.wants(calculateSlot(key)));
  for (let at = 0; at < keys.length; at += count) {
    const some = keys.slice(at, at + count);
    const looked = watch.look(connection);
    const [answers] = await Promise.all([Promise.all(some.map(key => exists(connection, watch, key))), looked]);
    for (const [index, isThere] of answers.entries()) if (isThere) yield some[index];
  }
}

async function exists(connection: ScanConnection, watch: ScanWatch, key: Buffer): Promise<boolean> {
  const asked = watch.isTarget ? connection.send(['ASKING']) : undefined;
  try {
    const [answer] = await Promise.all([connection.send(['EXISTS', key]), asked]);
    return Number(answer) > 0;
  } catch (error) {
    if (!(error instanceof ErrorReply) || !REDIRECTION.test(error.message)) throw error;
    watch.away(calculateSlot(key));
    return false;
  }
}
