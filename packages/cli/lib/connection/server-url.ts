import { InvalidValue } from '../given-options';

/** The parts of a redis:// or rediss:// URL. */
export interface ServerUrl {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly database: number | undefined;
  /** To be shown: without the password. */
  readonly shown: string;
}

const DEFAULT_PORT = 6379;

/** @throws {InvalidValue} it is no URL of a server. */
export function parseServerUrl(text: string): ServerUrl {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'redis:' && url?.protocol !== 'rediss:')
    throw new InvalidValue('must be redis://[user:password@]host[:port][/database], or rediss:// for TLS');
  if (!url.hostname) throw new InvalidValue('names no host');
  const [, database] = /^\/?(\d{1,5})?$/.exec(url.pathname) ?? [undefined, 'none'];
  if (database === 'none')
    throw new InvalidValue(`${JSON.stringify(url.pathname.slice(1))} is no number of a database`);
  if (url.search || url.hash) throw new InvalidValue(`${JSON.stringify(url.search || url.hash)} is not understood`);
  const port = url.port === '' ? DEFAULT_PORT : Number(url.port);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const user = url.username && `${url.username}@`;
  const path = database === undefined ? '' : `/${database}`;
  return {
    host,
    port,
    tls: url.protocol === 'rediss:',
    username: decode(url.username),
    password: decode(url.password),
    database: database === undefined ? undefined : Number(database),
    shown: `${url.protocol}//${user}${url.hostname}:${port}${path}`
  };
}

function decode(text: string): string | undefined {
  try {
    return text ? decodeURIComponent(text) : undefined;
  } catch {
    throw new InvalidValue('has a % that begins no escape: write %25 for it');
  }
}
