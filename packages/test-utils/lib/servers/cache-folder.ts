import { accessSync, constants, mkdirSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

const NAME = 'redis-keyspace-servers';

/** The folder where fetched servers and the manifest live: outside the checkout, shared by all checkouts. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  const candidates = [env.XDG_CACHE_HOME, join(homedir(), '.cache'), tmpdir()];
  for (const parent of candidates) {
    if (!parent) {
      continue;
    }
    const folder = join(parent, NAME);
    try {
      mkdirSync(folder, { recursive: true });
      accessSync(folder, constants.W_OK);
      return folder;
    } catch {
      // A home that is missing or read-only: the next candidate.
    }
  }
  throw new Error(`No folder for the servers can be written: ${candidates.join(', ')}`);
}
