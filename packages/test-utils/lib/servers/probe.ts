import { spawnSync } from 'node:child_process';
import type { ServerProduct } from './server-binary';

/** Product and version as the binary itself states them, or undefined when it does not run here. */
export function probeVersion(command: readonly string[]): { product: ServerProduct; version: string } | undefined {
  const [file, ...args] = command;
  const { status, stdout } = spawnSync(file, [...args, '--version'], { encoding: 'utf8', timeout: 60_000 });
  const match = status === 0 ? /^(Redis|Valkey) server v=(\d+\.\d+\.\d+)/m.exec(stdout) : null;
  return match ? { product: match[1].toLowerCase() as ServerProduct, version: match[2] } : undefined;
}
