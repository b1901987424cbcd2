import { join } from 'node:path';
import { ServersUnavailableError, TestKitUsageError, quote } from '../errors';
import { cacheFolder } from './cache-folder';
import { fetchDebianServer } from './debian-packages';
import { findDockerServer, hasDocker } from './docker-servers';
import { withFileLock } from './file-lock';
import { readManifest, writeManifest, type Manifest } from './manifest';
import { findPathServers } from './path-servers';
import { compareVersions, createServerBinary, type ServerBinary, type ServerRecord } from './server-binary';
import { WANTED_SERVERS, fits } from './wanted-server';

export interface FindServersOptions {
  /** Columns of the matrix to keep. @default KEYSPACE_SERVERS, else all */
  ids?: readonly string[];
  /** Folder of the fetched servers. @default the user's cache folder */
  cache?: string;
  /** Look again, even though a manifest says what was found. @default false */
  refresh?: boolean;
}

const inProcess = new Map<string, Manifest>();

/**
 * The servers of the matrix that this machine has or can fetch: from PATH, from
 * Debian's archive, from Docker. Found once, remembered in the process and on
 * disk. Rejects with ServersUnavailableError when there is none at all.
 */
export async function findServers(options?: FindServersOptions): Promise<readonly ServerBinary[]> {
  return loadServers(options);
}

/** Any one server, the best for a demonstration: the newest Redis, else the newest Valkey. */
export async function findServer(options?: FindServersOptions): Promise<ServerBinary> {
  const newest = [...loadServers(options)].sort(
    (a, b) => a.product.localeCompare(b.product) || compareVersions(b.version, a.version)
  );
  return newest[0];
}

/** As findServers, but synchronous: mocha wants its suites at definition time. Blocks while it fetches. */
export function loadServers(options: FindServersOptions = {}): readonly ServerBinary[] {
  const manifest = loadManifest(options);
  const ids = options.ids ?? idsFromEnvironment();
  const servers = manifest.servers.map(createServerBinary).filter(({ id }) => !ids || ids.includes(id));
  if (servers.length === 0) {
    throw new ServersUnavailableError(
      `No server to test with${ids ? ` among ${quote(ids.join(','))}` : ''}. Install one of redis-server 7.0, ` +
        `redis-server 8 and valkey-server 9 (apt-get install redis-server), or start Docker, and run the ` +
        `fetch-servers script again. Tried:\n${manifest.missing.map(line => `  ${line}`).join('\n')}`
    );
  }
  return servers;
}

/** What is in the manifest, looked for anew where there is none. */
export function loadManifest({ cache = cacheFolder(), refresh = false }: FindServersOptions = {}): Manifest {
  const known = refresh ? undefined : (inProcess.get(cache) ?? readManifest(cache));
  const manifest =
    known ??
    withFileLock(join(cache, 'lock'), () => {
      // Another process may have looked while this one waited for the lock.
      const fresh = refresh ? undefined : readManifest(cache);
      return fresh ?? discover(cache);
    });
  inProcess.set(cache, manifest);
  return manifest;
}

function discover(cache: string): Manifest {
  const installed = findPathServers();
  const servers: ServerRecord[] = [];
  const missing: string[] = [];
  let docker: boolean | undefined;
  for (const wanted of WANTED_SERVERS) {
    const onPath = installed.find(found => fits(wanted, found));
    if (onPath) {
      servers.push(onPath);
      continue;
    }
    try {
      servers.push(fetchDebianServer(wanted, cache));
      continue;
    } catch (error) {
      docker ??= hasDocker();
      const image = docker ? findDockerServer(wanted) : undefined;
      if (image) {
        servers.push(image);
        continue;
      }
      const why = error instanceof Error ? error.message : String(error);
      missing.push(`${wanted.id}: not on PATH; ${why}; ${docker ? `no image ${wanted.image}` : 'no Docker'}`);
    }
  }
  const others = installed.filter(({ version }) => compareVersions(version, '7.0.0') >= 0);
  const manifest: Manifest = { format: 1, servers: servers.length ? servers : others, missing };
  writeManifest(cache, manifest);
  return manifest;
}

function idsFromEnvironment(): string[] | undefined {
  const ids = (process.env.KEYSPACE_SERVERS ?? '')
    .split(',')
    .map(id => id.trim())
    .filter(Boolean);
  const known = WANTED_SERVERS.map(({ id }) => id);
  const unknown = ids.find(id => !/^(redis|valkey)\d+$/.test(id));
  if (unknown !== undefined) {
    throw new TestKitUsageError(`KEYSPACE_SERVERS names ${quote(unknown)}; it knows ${known.join(', ')}`);
  }
  return ids.length ? ids : undefined;
}
