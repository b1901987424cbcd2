import type { NeededChannel } from 'redis-keyspace';
import type { Link } from '../connection/link';
import type { Kind } from '../connection/settings';
import { reasonOf } from '../errors';
import type { FleetNode } from '../fleet/fleet';
import { keyOn } from './node-keys';

/** Something that the user would do, and whether the server lets him. */
export interface Access {
  /** `PSUBSCRIBE __keyspace@0__:user:*`, or `CLUSTER NODES`. */
  readonly action: string;
  /** The rules that grant it. */
  readonly rules: readonly string[];
  /** Without it there are no notifications; otherwise only less is known. */
  readonly needed: boolean;
  /** What the server said to it; undefined: allowed. */
  readonly refusal: string | undefined;
}

/** Whoever may subscribe keyspace channels may mostly name these. */
const CANARY_PREFIX = '__keyspace@0__:';

const COMMANDS: readonly { readonly args: readonly string[]; readonly kinds?: readonly Kind[]; needed: boolean }[] = [
  { args: ['PING'], needed: true },
  { args: ['CLUSTER', 'NODES'], kinds: ['cluster'], needed: true },
  { args: ['CLUSTER', 'SLOTS'], kinds: ['cluster'], needed: true },
  { args: ['ROLE'], kinds: ['sentinel'], needed: true },
  { args: ['CLUSTER', 'MIGRATION', 'STATUS', 'ALL'], kinds: ['cluster'], needed: false },
  { args: ['CLUSTER', 'GETSLOTMIGRATIONS'], kinds: ['cluster'], needed: false },
  { args: ['INFO', 'server'], needed: false },
  { args: ['CONFIG', 'GET', 'notify-keyspace-events'], needed: false }
];

/** Does what a subscription would do, on one node, and undoes it: the only question that needs no right to ask. */
export async function tryAccess(
  link: Link,
  node: FleetNode,
  kind: Kind,
  channels: readonly NeededChannel[]
): Promise<readonly Access[]> {
  const tried: Access[] = [];
  for (const { args, kinds, needed } of COMMANDS) {
    if (kinds && !kinds.includes(kind)) continue;
    const refusal = await refusalOf(() => link.ask(...args));
    // Subcommands have rights of their own since Redis 7.0.
    const rule = `+${args.length > 1 && args[0] !== 'INFO' ? `${args[0]}|${args[1]}` : args[0]}`.toLowerCase();
    tried.push({ action: args.join(' '), rules: [rule], needed, refusal });
  }
  for (const channel of channels) tried.push(await tryChannel(link, channel));
  if (kind === 'cluster') tried.push(await tryCanary(link, node));
  return tried;
}

async function tryChannel({ client }: Link, { name, pattern, rule }: NeededChannel): Promise<Access> {
  const command = pattern ? 'PSUBSCRIBE' : 'SUBSCRIBE';
  const refusal = await refusalOf(async () => {
    await (pattern ? client.pSubscribe(name, ignore) : client.subscribe(name, ignore));
    await (pattern ? client.pUnsubscribe(name, ignore) : client.unsubscribe(name, ignore));
  });
  return { action: `${command} ${name}`, rules: rulesFor(refusal, command, rule), needed: true, refusal };
}

/** A node that does not own the slot answers MOVED: that is allowed as well. */
async function tryCanary({ client }: Link, node: FleetNode): Promise<Access> {
  const name = keyOn(node, true, CANARY_PREFIX) ?? `${CANARY_PREFIX}{0}`;
  const refusal = await refusalOf(async () => {
    await client.sSubscribe(name, ignore);
    await client.sUnsubscribe(name, ignore);
  });
  const rule = `&${CANARY_PREFIX}{*}`;
  return {
    action: `SSUBSCRIBE ${CANARY_PREFIX}{…}`,
    rules: rulesFor(refusal, 'SSUBSCRIBE', rule),
    needed: false,
    refusal
  };
}

/** Redis refuses the command before it looks at the channel: then both have to be granted. */
function rulesFor(refusal: string | undefined, command: string, rule: string): readonly string[] {
  if (!refusal || !/run the|command/i.test(refusal)) return [rule];
  const name = command.toLowerCase();
  return [`+${name}`, `+${name.replace('subscribe', 'unsubscribe')}`, rule];
}

/** Only a missing right is one: a server that does not know a command, or is not the owner, has not refused. */
async function refusalOf(action: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await action();
    return undefined;
  } catch (error) {
    const reason = reasonOf(error);
    return /NOPERM|no permissions/i.test(reason) ? reason : undefined;
  }
}

function ignore(): void {}
