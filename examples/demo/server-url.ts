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

/** @returns what is wrong with it, as text, when it is no URL of a server. */
export function parseServerUrl(text: string): ServerUrl | string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'redis:' && url?.protocol !== 'rediss:') return 'begin it with redis:// or rediss://';
  if (!url.hostname) return 'it names no host';
  const [, database] = /^\/(\d{1,5})?$/.exec(url.pathname || '/') ?? ['', 'none'];
  if (database === 'none') return `${JSON.stringify(url.pathname.slice(1))} is no number of a database`;
  const port = url.port === '' ? DEFAULT_PORT : Number(url.port);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return {
    host,
    port,
    tls: url.protocol === 'rediss:',
    username: url.username ? decodeURIComponent(url.username) : undefined,
    password: url.password ? decodeURIComponent(url.password) : undefined,
    database: database === undefined ? undefined : Number(database),
    shown: `${url.protocol}//${url.username && `${url.username}@`}${url.hostname}:${port}${database === undefined ? '' : `/${database}`}`
  };
}
