import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { KeyspaceRefusedError, type KeyspaceSubscription } from 'redis-keyspace';
import { Link } from '../connection/link';
import type { ConnectionSettings } from '../connection/settings';
import { reasonOf } from '../errors';
import type { Fleet, FleetNode } from '../fleet/fleet';
import { listed } from '../text/format';
import type { Wants } from '../wants';
import type { Finding } from './finding';
import { keyOn } from './node-keys';

/** What a probe's key begins with, unless told otherwise. */
export const PROBE_PREFIX = 'keyspace-doctor:';

/** What is done with a probe, what the server then says, and the class of it. */
const STEPS = [
  { event: 'set', flag: '$' },
  { event: 'expire', flag: 'g' },
  { event: 'del', flag: 'g' },
  { event: 'expired', flag: 'x' }
] as const;

const EVENTS = STEPS.map(({ event }) => event);
const CHANNELS = [
  { channel: 'keyspace', flag: 'K' },
  { channel: 'keyevent', flag: 'E' }
] as const;

type Channel = (typeof CHANNELS)[number]['channel'];

/** So long a probe lives, should nobody delete it. */
const LIFE_SECONDS = 60;
/** The probe that is to expire. */
const SHORT_LIFE_MS = 20;

export interface SelfTestSettings {
  readonly fleet: Fleet;
  readonly wants: Wants;
  readonly connection: ConnectionSettings;
  /** Where the probes are. */
  readonly database: number;
  /** What a probe's key begins with. */
  readonly probePrefix: string;
}

/** A probe at one primary: what came of it. */
interface Outcome {
  /** `set by keyspace`, in the order of arrival. */
  readonly heard: ReadonlySet<string>;
  readonly refused: ReadonlyMap<Channel, KeyspaceRefusedError>;
  readonly duration: number;
  readonly isGone: boolean;
}

/**
 * Proves delivery from one primary: a key of its own is set, given a time, deleted, and one expires; each event is
 * heard by key and by event, as an application would, and the keys are gone afterwards. Never rejects.
 */
export async function selfTest(
  node: FleetNode,
  { fleet, wants, connection, database, probePrefix }: SelfTestSettings
): Promise<Finding> {
  const of = { check: 'self-test', node } as const;
  const key = keyOn(node, fleet.kind === 'cluster', `${probePrefix}${randomBytes(4).toString('hex')}:`);
  if (key === undefined) return { ...of, level: 'info', message: 'has no slot, so no key to try' };
  try {
    using link = await Link.open(node, connection);
    if (database) await link.ask('SELECT', String(database));
    return judge(node, key, { wants, probePrefix }, await probe(link, key, database));
  } catch (error) {
    const reason = reasonOf(error);
    // Who listens need not be allowed to write.
    const level = isForbidden(reason) ? 'warning' : 'problem';
    const remedy = remedyFor(reason, probePrefix);
    return { ...of, level, message: `cannot be tried: ${reason}`, remedy, details: { key } };
  }
}

async function probe(link: Link, key: string, database: number): Promise<Outcome> {
  const heard = new Set<string>();
  const refused = new Map<Channel, KeyspaceRefusedError>();
  const subscriptions: KeyspaceSubscription[] = [];
  const hear = async (channel: Channel, subscribing: Promise<KeyspaceSubscription>) => {
    try {
      subscriptions.push(await subscribing);
    } catch (error) {
      if (!(error instanceof KeyspaceRefusedError)) throw error;
      refused.set(channel, error);
    }
  };
  const { client } = link;
  await hear(
    'keyspace',
    client.subscribeKeyspace({ key }, ({ event }) => heard.add(`${event} by keyspace`), { database })
  );
  await hear(
    'keyevent',
    client.subscribeKeyevent(EVENTS, ({ event }) => heard.add(`${event} by keyevent`), { database, keys: { key } })
  );
  const since = Date.now();
  try {
    await link.ask('SET', key, 'a probe of "keyspace doctor"');
    await link.ask('EXPIRE', key, String(LIFE_SECONDS));
    await link.ask('DEL', key);
    await Promise.all(subscriptions.map(subscription => subscription.fence()));
    const duration = Date.now() - since;
    await link.ask('SET', key, 'a probe of "keyspace doctor"', 'PX', String(SHORT_LIFE_MS));
    await delay(2 * SHORT_LIFE_MS);
    const isGone = Number(await link.ask('EXISTS', key)) === 0;
    await Promise.all(subscriptions.map(subscription => subscription.fence()));
    return { heard, refused, duration, isGone };
  } finally {
    await link.ask('DEL', key).catch(() => undefined);
    client.keyspace.close();
  }
}

function judge(
  node: FleetNode,
  key: string,
  { wants, probePrefix }: Pick<SelfTestSettings, 'wants' | 'probePrefix'>,
  outcome: Outcome
): Finding {
  const { heard, refused, duration, isGone } = outcome;
  const of = { check: 'self-test', node } as const;
  const pairs = CHANNELS.flatMap(({ channel, flag: letter }) =>
    STEPS.map(({ event, flag }) => {
      const needed = wants.classes.has(letter) && wants.classes.has(flag);
      return { channel, event, needed, name: `${event} by ${channel}` };
    })
  );
  const details = { key, heard: [...heard], milliseconds: duration };
  const isRefused = CHANNELS.find(({ channel, flag }) => wants.classes.has(flag) && refused.has(channel));
  if (isRefused) {
    const { channel, rule } = refused.get(isRefused.channel)!;
    const grant = isRefused.channel === 'keyspace' ? rule.replace(key, `${probePrefix}*`) : '&__keyevent@*';
    return {
      ...of,
      level: 'warning',
      message: `cannot be tried: the user may not listen to ${channel.replace(key, `${probePrefix}…`)}`,
      remedy: `grant '${grant}', or give the probes a prefix that he may listen to: --probe-prefix user:`,
      details
    };
  }
  const lost = pairs.filter(({ needed, name }) => needed && !heard.has(name));
  if (lost.length) {
    return {
      ...of,
      level: 'problem',
      message: `did not say ${lostText(lost)}`,
      remedy: 'see "notifications" above; if all is on there, something between the server and here swallows them',
      details: { ...details, missing: lost.map(({ name }) => name) }
    };
  }
  if (!isGone)
    return { ...of, level: 'problem', message: `the probe ${key} is still there`, remedy: `DEL ${key}`, details };
  const proved = pairs.filter(({ name }) => heard.has(name));
  if (!proved.length) {
    const message = `says nothing of a string that is set, given a time and deleted, and none of it is needed ("${wants.flags}")`;
    return { ...of, level: 'info', message, details };
  }
  return { ...of, level: 'ok', message: `said ${provedText(heard)}; all probes are gone`, details };
}

function provedText(heard: ReadonlySet<string>): string {
  return textOf(heard, 'each by key and by event');
}

function lostText(lost: readonly { readonly name: string }[]): string {
  return textOf(new Set(lost.map(({ name }) => name)), 'neither by key nor by event');
}

/** `set and del, each by key and by event`, or `set by key; del by event`. */
function textOf(names: ReadonlySet<string>, both: string): string {
  const by = (channel: Channel) => EVENTS.filter(event => names.has(`${event} by ${channel}`));
  const [byKey, byEvent] = [by('keyspace'), by('keyevent')];
  if (byKey.join() === byEvent.join()) return `${listed(byKey)}, ${both}`;
  const parts = [byKey.length ? `${listed(byKey)} by key` : '', byEvent.length ? `${listed(byEvent)} by event` : ''];
  return parts.filter(Boolean).join('; ');
}

function remedyFor(reason: string, probePrefix: string): string {
  if (isForbidden(reason))
    return `grant the user +subscribe +unsubscribe +set +expire +del +exists '~${probePrefix}*', or leave the test out with --no-write`;
  if (/DB index/.test(reason)) return 'the server has no such database: choose another by --db, or in the URL';
  if (/^(MOVED|ASK|TRYAGAIN)\b/.test(reason)) return 'its slots are being moved: run this again';
  if (/^READONLY\b/.test(reason)) return 'it has become a replica meanwhile: run this again';
  if (/^(OOM|MISCONF|NOREPLICAS|CLUSTERDOWN|LOADING)\b/.test(reason)) return 'it accepts no writes now: see its log';
  return 'run this again; --no-write leaves the test out';
}

function isForbidden(reason: string): boolean {
  return /NOPERM|no permissions/i.test(reason);
}
