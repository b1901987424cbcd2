import { readdirSync, rmSync } from 'node:fs';
import { inRepository } from './support/repository.mjs';

/** `npm run clean`: removes all that the other commands make, but for `node_modules`. */
const packages = readdirSync(inRepository('packages')).map(name => `packages/${name}/dist`);
for (const folder of [...packages, 'examples/dist', 'benchmark/dist', 'coverage', 'documentation']) {
  rmSync(inRepository(folder), { recursive: true, force: true });
}
