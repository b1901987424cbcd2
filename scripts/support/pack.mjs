import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { inRepository } from './repository.mjs';

/** Makes the tarball of `packages/<name>` as `npm publish` does: `{ name, manifest, tarball, files }`. */
export function packInto(folder, name) {
  const cwd = inRepository('packages', name);
  const { status, stdout, stderr } = spawnSync('npm', ['pack', '--json', '--pack-destination', folder], {
    cwd,
    encoding: 'utf8',
    shell: process.platform === 'win32'
  });
  if (status !== 0) {
    throw new Error(`npm pack of packages/${name} failed:\n${stderr}`);
  }
  // An array of results, or (npm 11.16 and later) an object of them by package name.
  const [{ filename, files }] = Object.values(JSON.parse(stdout));
  return {
    name,
    manifest: JSON.parse(readFileSync(join(cwd, 'package.json'), 'utf8')),
    tarball: join(folder, filename),
    files: files.map(({ path }) => path).sort()
  };
}
