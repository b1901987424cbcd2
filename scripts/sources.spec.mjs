import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { inRepository } from './support/repository.mjs';

const require = createRequire(import.meta.url);
const LIB = inRepository('packages', 'client', 'lib');

/** Also gives files that hold types only, or that no test imports, their true place in the coverage. */
describe('the sources of packages/client', () => {
  for (const file of readdirSync(LIB, { recursive: true })) {
    if (file.endsWith('.ts') && !file.endsWith('.spec.ts')) {
      it(`${file} loads`, () => {
        assert.equal(typeof require(join(LIB, file)), 'object');
      });
    }
  }
});
