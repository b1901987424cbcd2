import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { probeVersion } from './probe';
import type { ServerRecord } from './server-binary';

/** The servers that are installed: `redis-server` and `valkey-server` of every folder of PATH. */
export function findPathServers(path = process.env.PATH ?? ''): ServerRecord[] {
  const folders = [...new Set(path.split(delimiter).filter(Boolean))];
  return folders.flatMap(folder =>
    ['redis-server', 'valkey-server'].flatMap(name => {
      const file = join(folder, name);
      const found = isExecutable(file) ? probeVersion([file]) : undefined;
      return found ? [{ ...found, command: [file], source: 'path' as const }] : [];
    })
  );
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
