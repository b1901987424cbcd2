import { existsSync, readFileSync } from 'node:fs';
import { inRepository } from './repository.mjs';

const WANTED = inRepository('package-lock.json');

/** npm writes it at the very end of an installation: what it lists is there. */
const INSTALLED = inRepository('node_modules', '.package-lock.json');

/**
 * The packages of `package-lock.json` that `node_modules` has not, or has in another version. Contents are compared,
 * not times: a checkout touches times, and an installation that broke off leaves nothing to compare with.
 */
export function missingPackages() {
  const installed = existsSync(INSTALLED) ? packagesOf(INSTALLED) : {};
  return Object.entries(packagesOf(WANTED))
    .filter(([path, wanted]) => path.startsWith('node_modules/') && !wanted.optional)
    .filter(([path, wanted]) => installed[path] === undefined || installed[path].version !== wanted.version)
    .map(([path]) => path.slice('node_modules/'.length));
}

function packagesOf(lockFile) {
  return JSON.parse(readFileSync(lockFile, 'utf8')).packages;
}
