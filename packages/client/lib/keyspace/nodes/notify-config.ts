import { messageOf } from '../errors';
import type { NodeRole } from '../plan/topology';
import {
  acceptedFlagsOf,
  formatFlags,
  mergeFlags,
  missingFlags,
  parseFlags,
  unsupportedFlags,
  type FlagSet
} from '../protocol';

/** What `notify-keyspace-events` is on one node, and what the subscriptions need of it. */
export interface NodeNotifyReport {
  /** `host:port` */
  readonly node: string;
  /** Replicas are asked too: they may be promoted. */
  readonly role: NodeRole;
  /** The letters that are on, as CONFIG GET writes them; undefined when the server does not tell. */
  readonly flags: string | undefined;
  /** The fewest letters that the present subscriptions need; all classes when there are none. */
  readonly required: string;
  /** Those that are surely off; empty when `flags` is undefined. */
  readonly missing: string;
  /** What to do about it, undefined when there is nothing to do. */
  readonly hint: string | undefined;
  /** Why CONFIG was refused, as the server put it, or why the node could not be asked. */
  readonly error: string | undefined;
}

/** Sends one command to the node that is asked. */
export type SendCommand = (args: readonly string[]) => Promise<unknown>;

export interface NotifyNode {
  readonly address: string;
  readonly host: string;
  readonly port: number;
  readonly role: NodeRole;
}

/** Sends commands by a connection of its own, to nodes that nobody subscribes: replicas. */
export interface NodeAsker {
  ask<T>(node: NotifyNode, use: (send: SendCommand) => Promise<T>): Promise<T>;
}

const SETTING = 'notify-keyspace-events';

/** Never rejects: a node that cannot be asked is reported as such. */
export async function checkNotify(send: SendCommand, node: NotifyNode, required: FlagSet): Promise<NodeNotifyReport> {
  try {
    return report(node, await readFlags(send), required, await askAccepted(send));
  } catch (error) {
    return refusedReport(node, required, error);
  }
}

/** Adds what is missing and takes nothing away, then reads again. Never rejects. */
export async function enableNotify(send: SendCommand, node: NotifyNode, required: FlagSet): Promise<NodeNotifyReport> {
  const before = await checkNotify(send, node, required);
  if (before.flags === undefined || !before.missing) return before;
  try {
    const accepted = await askAccepted(send);
    const flags = mergeFlags(before.flags, required, { accepted });
    if (flags !== before.flags) await send(['CONFIG', 'SET', SETTING, flags]);
    return report(node, await readFlags(send), required, accepted);
  } catch (error) {
    const { hint } = refusedReport(node, required, error);
    return { ...before, hint, error: messageOf(error) };
  }
}

/** CONFIG GET answers a map with RESP3 and a list with RESP2; a server that hides the setting answers nothing. */
async function readFlags(send: SendCommand): Promise<string> {
  const reply = await send(['CONFIG', 'GET', SETTING]);
  const value = Array.isArray(reply) ? (reply as unknown[])[1] : (reply as Record<string, unknown> | null)?.[SETTING];
  if (value === undefined || value === null) throw new Error(`CONFIG GET ${SETTING} answered nothing`);
  return String(value);
}

/** Which letters the server knows, by its version; undefined when it does not tell. */
async function askAccepted(send: SendCommand): Promise<FlagSet | undefined> {
  const info = await send(['INFO', 'server']).then(String, () => '');
  const field = (name: string) => new RegExp(`^${name}:(\\S+)`, 'm').exec(info)?.[1];
  const valkey = field('valkey_version');
  const redis = field('redis_version');
  if (valkey) return acceptedFlagsOf({ product: 'valkey', version: valkey });
  return redis && !/keydb/i.test(info) ? acceptedFlagsOf({ product: 'redis', version: redis }) : undefined;
}

function report(node: NotifyNode, flags: string, required: FlagSet, accepted: FlagSet | undefined): NodeNotifyReport {
  const missing = missingFlags(required, parseFlags(flags));
  const impossible = accepted ? unsupportedFlags(missing, accepted) : new Set<string>();
  const setting = mergeFlags(flags, required, { accepted });
  const hints = [];
  if (setting !== flags) {
    hints.push(
      `run: redis-cli -h ${node.host} -p ${node.port} CONFIG SET ${SETTING} '${setting}' (or use notifyKeyspaceEvents: 'enable')`
    );
  }
  if (impossible.size)
    hints.push(`this version of the server does not know "${formatFlags(impossible)}": it cannot say that`);
  return {
    node: node.address,
    role: node.role,
    flags,
    required: formatFlags(required),
    missing: formatFlags(missing),
    hint: missing.size ? hints.join('; ') : undefined,
    error: undefined
  };
}

function refusedReport(node: NotifyNode, required: FlagSet, error: unknown): NodeNotifyReport {
  const letters = formatFlags(required);
  const hint =
    `CONFIG is refused or unknown there, so whether notifications are on cannot be told. On a managed service set ${SETTING} to ` +
    `${letters} where it is administered: the parameter group (ElastiCache, MemoryDB), the instance's configuration (Memorystore), ` +
    `the advanced settings (Azure), the database's settings (Redis Cloud); elsewhere grant this user CONFIG GET and CONFIG SET`;
  return {
    node: node.address,
    role: node.role,
    flags: undefined,
    required: letters,
    missing: '',
    hint,
    error: messageOf(error)
  };
}
