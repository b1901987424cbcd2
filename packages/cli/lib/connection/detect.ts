import { ConnectError, UsageError, reasonOf } from '../errors';
import { Link } from './link';
import { fieldsOf } from './replies';
import type { ServerUrl } from './server-url';
import type { ConnectionSettings, Credentials, Kind } from './settings';

/** The first of the URLs that answered, and what it is. */
export interface Contact {
  readonly kind: Kind;
  readonly url: ServerUrl;
  readonly link: Link;
  /** What the Sentinel calls the primary. */
  readonly name: string | undefined;
  /** What it calls the others that it watches. */
  readonly otherNames: readonly string[];
}

/**
 * Connects to the first URL that answers, and asks what it is unless that is told.
 * @throws {ConnectError} none answers; the message says why, for each.
 */
export async function contact(settings: ConnectionSettings): Promise<Contact> {
  const reasons: string[] = [];
  for (const url of settings.urls) {
    let link: Link | undefined;
    try {
      link = await openAny(url, settings);
      return await identify(link, url, settings);
    } catch (error) {
      link?.[Symbol.dispose]();
      if (error instanceof UsageError) throw error;
      reasons.push(`Cannot connect to ${url.shown}: ${reasonOf(error)}${adviceFor(reasonOf(error))}`);
    }
  }
  throw new ConnectError(reasons.join('\n'));
}

/** Whether it is a Sentinel, with credentials of its own, is known only afterwards. */
async function openAny(url: ServerUrl, settings: ConnectionSettings): Promise<Link> {
  const { kind, credentials, sentinelCredentials } = settings;
  if (kind === 'sentinel' || areSame(credentials, sentinelCredentials))
    return Link.open(url, settings, sentinelCredentials);
  if (kind !== undefined) return Link.open(url, settings, credentials);
  return Link.open(url, settings, credentials).catch(() => Link.open(url, settings, sentinelCredentials));
}

function areSame(a: Credentials, b: Credentials): boolean {
  return a.username === b.username && a.password === b.password;
}

async function identify(link: Link, url: ServerUrl, settings: ConnectionSettings): Promise<Contact> {
  const kind = settings.kind ?? (await askKind(link));
  if (kind !== 'sentinel') return { kind, url, link, name: undefined, otherNames: [] };
  const names = namesOf(await link.ask('SENTINEL', 'MASTERS'));
  if (!names.length) throw new Error('this Sentinel watches no primary');
  const name = settings.sentinelName ?? names[0];
  if (!names.includes(name))
    throw new UsageError(
      `--sentinel-name ${JSON.stringify(name)}: the Sentinel ${url.shown} watches ${names.join(', ')}`
    );
  return { kind, url, link, name, otherNames: names.filter(other => other !== name) };
}

/** INFO says it; where that is not allowed, CLUSTER INFO is answered by clusters only. */
async function askKind(link: Link): Promise<Kind> {
  const ask = (...command: string[]) => link.ask(...command).then(String, () => '');
  const info = await ask('INFO', 'server');
  if (/^(redis|server)_mode:sentinel/m.test(info)) return 'sentinel';
  if (/^(redis|server)_mode:cluster/m.test(info)) return 'cluster';
  if (/^(redis|server)_mode:/m.test(info)) return 'standalone';
  return /^cluster_state:/m.test(await ask('CLUSTER', 'INFO')) ? 'cluster' : 'standalone';
}

function namesOf(reply: unknown): string[] {
  return (Array.isArray(reply) ? reply : []).map(primary => String(fieldsOf(primary).get('name')));
}

function adviceFor(reason: string): string {
  if (/NOAUTH|WRONGPASS|invalid username-password|called without any password/i.test(reason))
    return '\n  Give --user, and the password by KEYSPACE_PASSWORD, --password-file or --ask-password.';
  if (/NOPERM/.test(reason)) return '\n  The user may not even connect: grant +hello and +client|setinfo.';
  if (/self.signed|unable to (verify|get)|certificate/i.test(reason))
    return '\n  Give the authority by --tls-ca, or the name by --tls-server-name.';
  if (/ECONNRESET|Socket closed|SSL|wrong version/i.test(reason))
    return '\n  Does it speak TLS, or not? rediss:// and --tls are with, redis:// is without.';
  return '';
}
