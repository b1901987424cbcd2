import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import type { ServerRecord } from './server-binary';

/** What was found the last time somebody looked. */
export interface Manifest {
  readonly format: 1;
  readonly servers: readonly ServerRecord[];
  /** One line for each column of the matrix that could not be had: why. */
  readonly missing: readonly string[];
}

const FILE = 'manifest.json';

/** The manifest, unless there is none, it is of another format, or a file that it names has gone. */
export function readManifest(cache: string): Manifest | undefined {
  try {
    const manifest = JSON.parse(readFileSync(join(cache, FILE), 'utf8')) as Manifest;
    const whole = manifest.servers.every(({ command }) =>
      command.every(part => !isAbsolute(part) || part.includes(':') || existsSync(part))
    );
    return manifest.format === 1 && whole ? manifest : undefined;
  } catch {
    return undefined;
  }
}

/** Replaces the manifest in one step: a reader sees the old one or the new one. */
export function writeManifest(cache: string, manifest: Manifest): void {
  const draft = join(cache, `.${FILE}.${process.pid}`);
  writeFileSync(draft, JSON.stringify(manifest, undefined, 2));
  renameSync(draft, join(cache, FILE));
}
