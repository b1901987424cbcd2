import { writeFileSync } from 'node:fs';
import { ServerStartError } from '../errors';
import { formatConfig, type ServerConfig } from '../processes/config-file';
import { releasePort, reservePort } from '../processes/ports';
import { reaper } from '../processes/reaper';
import { ServerProcess } from '../processes/server-process';
import type { ServerBinary } from '../servers/server-binary';
import { RedisServer } from './redis-server';
import { register } from './running-servers';

const ATTEMPTS = 10;
const TAKEN = /already in use|Failed listening|Could not create server TCP listening socket|bind:/i;

/** How a server is made; what is left out has the kit's defaults. */
export interface StandaloneOptions {
  /** Directives of redis.conf, over the kit's own. `'notify-keyspace-events': ''` turns notifications off. */
  config?: ServerConfig;
  /** Number of databases. @default 16 */
  databases?: number;
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
  { config, databases = 16 }: StandaloneOptions = {}
): Promise<RedisServer> {
  return startServer(binary, (process, port) => new RedisServer(binary, process, port), {
    config: { ...DEFAULTS, databases, ...config }
  });
}

/** What is started, for those who start more than a standalone. */
export interface LaunchOptions {
  readonly config: ServerConfig;
  readonly sentinel?: boolean;
}

/** Starts a server on a free port; asks for another port when somebody else was faster to bind it. */
export async function startServer<T extends RedisServer>(
  binary: ServerBinary,
  create: (process: ServerProcess, port: number) => T,
  { config, sentinel = false }: LaunchOptions
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const port = await reservePort();
    const server = create(new ServerProcess(binary, reaper.makeFolder(`${binary.id}-${port}`), sentinel), port);
    register(server);
    const own: ServerConfig = { port, bind: '127.0.0.1', dir: server.server.folder, logfile: server.server.logFile };
    writeFileSync(server.server.configFile, formatConfig({ ...config, ...own }));
    try {
      await server.server.start();
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

export { DEFAULTS as SERVER_DEFAULTS };
