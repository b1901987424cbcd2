import process from 'node:process';
import { setup } from './setup.mjs';
import { tool } from './support/repository.mjs';
import { runNode } from './support/run.mjs';

/**
 * `npm run test:types`: every TypeScript file compiles, specs included, and the type tests hold against the
 * declarations that users get (`packages/<name>/dist`), with `@ts-expect-error` on what must not compile.
 */
async function main() {
  setup();
  for (const project of ['tsconfig.check.json', 'tsconfig.types-tests.json']) {
    const ok = (await runNode(tool('tsc'), ['-p', project])) === 0;
    console.log(`${ok ? 'holds' : 'FAILS'}: ${project}`);
    process.exitCode = ok ? process.exitCode : 1;
  }
}

await main();
