import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the repository. Nothing here may need a recent Node: `setup` is still to check its version. */
export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** A path of the repository from its parts. */
export function inRepository(...parts) {
  return join(ROOT, ...parts);
}

/** The script behind a command of `node_modules/.bin`, to be run with this same Node. */
export function tool(name) {
  return inRepository('node_modules', '.bin', name);
}
