import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import type { Command } from 'commander';
import { UsageError, reasonOf } from '../errors';
import { InvalidValue, quote, type GivenOptions } from '../given-options';
import type { Io } from '../io';
import { parseDuration } from '../text/duration';
import { askPassword } from './password';
import { parseServerUrl, type ServerUrl } from './server-url';

export type Kind = 'standalone' | 'cluster' | 'sentinel';

export interface Credentials {
  readonly username: string | undefined;
  readonly password: string | undefined;
}

/** The options of `node:tls` that can be given. */
export type TlsSettings = Pick<ConnectionOptions, 'ca' | 'cert' | 'key' | 'servername' | 'rejectUnauthorized'>;

/** Which servers, and how to talk to them. */
export interface ConnectionSettings {
  /** Tried in this order. At least one. */
  readonly urls: readonly ServerUrl[];
  /** What they are; undefined: to be found out. */
  readonly kind: Kind | undefined;
  /** The primary that is meant, if the Sentinels watch several. */
  readonly sentinelName: string | undefined;
  readonly credentials: Credentials;
  /** Those of the Sentinels themselves; undefined: the same, or else none. */
  readonly sentinelCredentials: Credentials | undefined;
  /** undefined: without TLS. */
  readonly tls: TlsSettings | undefined;
  /** Milliseconds for connecting, and for each answer. */
  readonly timeout: number;
  /** The one of the first URL. */
  readonly database: number | undefined;
}

const DEFAULT_URL = 'redis://127.0.0.1:6379';
const DEFAULT_TIMEOUT = 5_000;

/** Adds the options that every command with a connection has. */
export function addConnectionOptions(command: Command): Command {
  return command
    .optionsGroup('Connection:')
    .option(
      '--url <url>',
      'a server, a node of a cluster, or a Sentinel; may be repeated, and is tried in turn',
      repeat
    )
    .option('--standalone', 'it is a single server (default: found out)')
    .option('--cluster', 'it is a cluster')
    .option('--sentinel', 'it is a Sentinel')
    .option('--sentinel-name <name>', 'which primary, if the Sentinel watches several')
    .option('--user <name>', 'the ACL user; the password comes by one of the next two, or KEYSPACE_PASSWORD')
    .option('--password-file <path>', 'a file whose first line is the password')
    .option('--ask-password', 'ask for the password')
    .option('--sentinel-user <name>', 'the user of the Sentinels, if another')
    .option('--sentinel-password-file <path>', 'their password, if another; or KEYSPACE_SENTINEL_PASSWORD')
    .option('--tls', 'use TLS, as rediss:// does')
    .option('--tls-ca <path>', 'certificates to trust instead of the well-known ones (PEM)')
    .option('--tls-cert <path>', 'the certificate to show (PEM)')
    .option('--tls-key <path>', 'its private key (PEM)')
    .option('--tls-server-name <name>', 'the name that the certificate of the server must have')
    .option('--tls-insecure', 'trust any certificate')
    .option('--timeout <time>', 'for connecting and for each answer (default: 5s)');
}

/** For an option that may be repeated. */
export function repeat(text: string, previous: readonly string[] | undefined): readonly string[] {
  return [...(previous ?? []), text];
}

/**
 * What the options say. May ask for the password.
 * @throws {UsageError}
 */
export async function connectionSettings(given: GivenOptions, io: Io): Promise<ConnectionSettings> {
  const urls = given.list('url', parseServerUrl, /\s+/) ?? [parseServerUrl(DEFAULT_URL)];
  const kind = kindOf(given);
  const sentinelName = given.one('sentinelName', notEmpty);
  if (sentinelName !== undefined && kind !== undefined && kind !== 'sentinel')
    throw new UsageError(`--sentinel-name ${quote(sentinelName)} makes no sense with --${kind}`);
  const tls = tlsSettings(given, urls);
  const timeout = given.one('timeout', parseDuration) ?? DEFAULT_TIMEOUT;
  const sentinelUser = given.one('sentinelUser', notEmpty);
  const sentinelPassword =
    given.one('sentinelPasswordFile', firstLineOf) ?? (io.env.KEYSPACE_SENTINEL_PASSWORD || undefined);
  const credentials = await credentialsOf(given, urls, io);
  return {
    urls,
    kind,
    sentinelName,
    credentials,
    sentinelCredentials:
      sentinelUser === undefined && sentinelPassword === undefined
        ? undefined
        : { username: sentinelUser, password: sentinelPassword ?? credentials.password },
    tls,
    timeout,
    database: urls[0].database
  };
}

function kindOf(given: GivenOptions): Kind | undefined {
  const kinds = (['standalone', 'cluster', 'sentinel'] as const).filter(kind => given.flag(kind));
  if (kinds.length > 1) throw new UsageError(`${kinds.map(kind => `--${kind}`).join(' and ')} contradict each other`);
  return kinds[0];
}

async function credentialsOf(given: GivenOptions, urls: readonly ServerUrl[], io: Io): Promise<Credentials> {
  const url = urls.find(({ password }) => password !== undefined) ?? urls[0];
  const username = given.one('user', notEmpty) ?? url.username;
  const file = given.one('passwordFile', firstLineOf);
  if (given.flag('askPassword')) {
    if (file !== undefined)
      throw new UsageError(`--ask-password and ${given.source('passwordFile')} contradict each other`);
    return { username, password: await askPassword(`Password of ${username ?? 'default'} at ${url.host}: `, io) };
  }
  return { username, password: file ?? (io.env.KEYSPACE_PASSWORD || url.password) };
}

function tlsSettings(given: GivenOptions, urls: readonly ServerUrl[]): TlsSettings | undefined {
  const tls = {
    ca: given.one('tlsCa', contentOf),
    cert: given.one('tlsCert', contentOf),
    key: given.one('tlsKey', contentOf),
    servername: given.one('tlsServerName', notEmpty),
    rejectUnauthorized: given.flag('tlsInsecure') ? false : undefined
  };
  if ((tls.cert === undefined) !== (tls.key === undefined))
    throw new UsageError('--tls-cert and --tls-key need each other');
  if (given.flag('tlsInsecure') && tls.ca !== undefined)
    throw new UsageError('--tls-insecure and --tls-ca contradict each other');
  const wanted =
    urls.some(url => url.tls) || given.flag('tls') || Object.values(tls).some(value => value !== undefined);
  return wanted ? Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined)) : undefined;
}

function notEmpty(text: string): string {
  if (!text) throw new InvalidValue('must not be empty');
  return text;
}

function contentOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new InvalidValue(`cannot be read: ${reasonOf(error)}`, { cause: error });
  }
}

function firstLineOf(path: string): string {
  const [line] = contentOf(path).split(/\r?\n/, 1);
  if (!line) throw new InvalidValue('its first line is empty');
  return line;
}
