import { ConnectError, UsageError, reasonOf } from '../errors';
import { cannotConnect, isRefusedLogin } from './advice';
import { Link } from './link';
import { fieldsOf, infoOf } from './replies';
import type { ServerUrl } from './server-url';
import type { ConnectionSettings, Credentials, Kind } from './settings';

/** The first of the URLs that answered, and what it is. */
export interface Contact {
  readonly kind: Kind;
  readonly url: ServerUrl;
  readonly link: Link;
  /** Those that it took; of a Sentinel, its own. */
  readonly credentials: Credentials;
  /** What the Sentinel calls the primary. */
  readonly name: string | undefined;
  /** What it calls the others that it watches. */
  readonly otherNames: readonly string[];
}

const NO_CREDENTIALS: Credentials = { username: undefined, password: undefined };

/**
 * Connects to the first URL that answers, and asks what it is unless that is told.
 * @throws {ConnectError} none answers; the message says why, for each.
 * @throws {UsageError} it is not what it is told to be.
 */
export async function contact(settings: ConnectionSettings): Promise<Contact> {
  const reasons: string[] = [];
  for (const url of settings.urls) {
    try {
      return await open(url, settings);
    } catch (error) {
      if (error instanceof UsageError) throw error;
      reasons.push(cannotConnect(url.shown, reasonOf(error)));
    }
  }
  throw new ConnectError(reasons.join('\n'));
}

/** Whether it is a Sentinel, with credentials of its own or without any, is known only when one of them was let in. */
async function open(url: ServerUrl, settings: ConnectionSettings): Promise<Contact> {
  const { kind, credentials, sentinelCredentials } = settings;
  const ofSentinel = sentinelCredentials ? [sentinelCredentials] : [credentials, NO_CREDENTIALS];
  const candidates = kind === 'sentinel' ? ofSentinel : kind ? [credentials] : [credentials, ...ofSentinel];
  let refusal: unknown;
  for (const candidate of new Set(candidates)) {
    const link = await Link.open(url, settings, candidate).catch((error: unknown) => {
      refusal ??= error;
      if (!isRefusedLogin(reasonOf(error))) throw error;
    });
    if (!link) continue;
    try {
      const found = await identify(link, url, settings);
      const isMeant = found.kind === 'sentinel' ? ofSentinel.includes(candidate) : candidate === credentials;
      if (isMeant) return { ...found, url, link, credentials: candidate };
    } catch (error) {
      link[Symbol.dispose]();
      throw error;
    }
    // It lets in whom we were not told to be there, such as the default user.
    link[Symbol.dispose]();
  }
  throw refusal;
}

async function identify(
  link: Link,
  url: ServerUrl,
  settings: ConnectionSettings
): Promise<Pick<Contact, 'kind' | 'name' | 'otherNames'>> {
  if (settings.kind) await refuseMistake(settings.kind, link, url);
  const kind = settings.kind ?? (await askKind(link));
  if (kind !== 'sentinel') return { kind, name: undefined, otherNames: [] };
  const names = namesOf(await link.ask('SENTINEL', 'MASTERS'));
  if (!names.length) throw new Error('this Sentinel watches no primary');
  const name = settings.sentinelName ?? names[0];
  if (!names.includes(name))
    throw new UsageError(
      `--sentinel-name ${JSON.stringify(name)}: the Sentinel ${url.shown} watches ${names.join(', ')}`
    );
  return { kind, name, otherNames: names.filter(other => other !== name) };
}

/** By what a server shows that it is not what it is told to be; silence shows nothing. */
const MISTAKES: Record<Kind, { readonly ask: readonly string[]; readonly answer: RegExp; readonly text: string }> = {
  standalone: { ask: ['INFO', 'server'], answer: /^(redis|server)_mode:sentinel/m, text: 'is a Sentinel' },
  cluster: { ask: ['CLUSTER', 'INFO'], answer: /cluster support disabled/i, text: 'is no cluster' },
  sentinel: { ask: ['SENTINEL', 'MASTERS'], answer: /unknown command/i, text: 'is no Sentinel' }
};

async function refuseMistake(kind: Kind, link: Link, url: ServerUrl): Promise<void> {
  const { ask, answer, text } = MISTAKES[kind];
  if (answer.test(await link.ask(...ask).then(String, reasonOf)))
    throw new UsageError(`--${kind}: ${url.shown} ${text}`);
}

/** INFO says it; where that is not allowed, HELLO is, without which nobody is connected. */
async function askKind(link: Link): Promise<Kind> {
  const info = infoOf(await link.ask('INFO', 'server').catch(() => ''));
  const mode = info.get('server_mode') ?? info.get('redis_mode') ?? (await askMode(link));
  return mode === 'sentinel' || mode === 'cluster' ? mode : 'standalone';
}

async function askMode(link: Link): Promise<unknown> {
  return fieldsOf(await link.ask('HELLO').catch(() => [])).get('mode');
}

function namesOf(reply: unknown): string[] {
  return (Array.isArray(reply) ? reply : []).map(primary => String(fieldsOf(primary).get('name')));
}
