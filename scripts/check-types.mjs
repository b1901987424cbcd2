import { readdirSync } from 'node:fs';
import process from 'node:process';
import { setup } from './setup.mjs';
import { inRepository, tool } from './support/repository.mjs';
import { runNode } from './support/run.mjs';

/**
 * `npm run test:types`: every TypeScript file compiles, specs included, and the type tests hold against the
 * declarations that users get (`packages/<name>/dist`), with `@ts-expect-error` on what must not compile.
 */
async function main() {
  setup();
  const projects = ['tsconfig.check.json', ...typeTests()];
  for (const project of projects) {
    const ok = (await runNode(tool('tsc'), ['-p', project])) === 0;
    console.log(`${ok ? 'holds' : 'FAILS'}: ${project}`);
    process.exitCode = ok ? process.exitCode : 1;
  }
}

function typeTests() {
  return readdirSync(inRepository('packages'))
    .map(name => `packages/${name}/types-tests`)
    .filter(hasTests)
    .map(folder => `${folder}/tsconfig.json`);
}

function hasTests(folder) {
  try {
    return readdirSync(inRepository(folder)).some(file => file.endsWith('.ts'));
  } catch {
    return false;
  }
}

await main();
