import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ServerStartError } from '../errors';
import { formatConfig, type ServerConfig } from '../processes/config-file';
import { releasePort, reservePort } from '../processes/ports';
import { reaper } from '../processes/reaper';
import { ServerProcess } from '../processes/server-process';
import type { ServerBinary } from '../servers/server-binary';
import { RedisServer } from './redis-server';
import { register } from './running-servers';
import { TLS_IDENTITY } from './tls-identity';

const ATTEMPTS = 10;
const TAKEN = /already in use|Failed listening|Could not create server TCP listening socket|bind:/i;

/** How a server is made; what is left out has the kit's defaults. */
export interface StandaloneOptions {
  /** Directives of redis.conf, over the kit's own. `'notify-keyspace-events': ''` turns notifications off. */
  config?: ServerConfig;
  /** Number of databases. @default 16 */
  databases?: number;
  /** Speak TLS and nothing else, with other servers too, as `TLS_IDENTITY`. @default false */
  tls?: boolean;
}

/** What the kit sets on every server: loopback only, nothing saved, every notification on. */
const DEFAULTS: ServerConfig = {
  'protected-mode': 'no',
  loglevel: 'notice',
  save: '',
  appendonly: 'no',
  'notify-keyspace-events': 'KEA',
  'enable-debug-command': 'local',
  'repl-diskless-sync': 'yes',
  'repl-diskless-sync-delay': '0',
  'repl-ping-replica-period': '1'
};

/** Starts one server on a free port of 127.0.0.1. */
export async function startStandalone(
  binary: ServerBinary,
  { config, databases = 16, tls }: StandaloneOptions = {}
): Promise<RedisServer> {
  return startServer(binary, (...args) => new RedisServer(binary, ...args), {
    config: { ...DEFAULTS, databases, ...config },
    tls
  });
}

/** What is started, for those who start more than a standalone. */
export interface LaunchOptions {
  readonly config: ServerConfig;
  readonly sentinel?: boolean;
  readonly tls?: boolean;
}

/** Starts a server on a free port; asks for another port when somebody else was faster to bind it. */
export async function startServer<T extends RedisServer>(
  binary: ServerBinary,
  create: (process: ServerProcess, port: number, tls: boolean) => T,
  { config, sentinel = false, tls = false }: LaunchOptions
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const port = await reservePort();
    const process = new ServerProcess(binary, reaper.makeFolder(`${binary.id}-${port}`), sentinel);
    const server = create(process, port, tls);
    register(server);
    const { folder, logFile: logfile, configFile } = process;
    const listening = tls ? tlsConfig(port, folder) : { port };
    const own: ServerConfig = { ...listening, bind: '127.0.0.1', dir: folder, logfile };
    writeFileSync(configFile, formatConfig({ ...config, ...own }));
    try {
      await process.start();
      return server;
    } catch (error) {
      await server.stop();
      releasePort(port);
      if (attempt === ATTEMPTS || !(error instanceof ServerStartError && TAKEN.test(error.message))) {
        throw error;
      }
    }
  }
}

/** Who connects need not show a certificate; servers that connect to others speak TLS as well. */
function tlsConfig(port: number, folder: string): ServerConfig {
  const [certFile, keyFile] = [join(folder, 'tls.crt'), join(folder, 'tls.key')];
  writeFileSync(certFile, TLS_IDENTITY.cert);
  writeFileSync(keyFile, TLS_IDENTITY.key);
  return {
    port: 0,
    'tls-port': port,
    'tls-cert-file': certFile,
    'tls-key-file': keyFile,
    'tls-ca-cert-file': certFile,
    'tls-auth-clients': 'no',
    'tls-replication': 'yes',
    'tls-cluster': 'yes'
  };
}

export { DEFAULTS as SERVER_DEFAULTS };
