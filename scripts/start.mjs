import { existsSync } from 'node:fs';
import process from 'node:process';
import { setup, SetupError } from './setup.mjs';
import { inRepository } from './support/repository.mjs';
import { runNode } from './support/run.mjs';

const DEMO = inRepository('examples', 'dist', 'demo', 'main.js');

/** `npm start`: makes the clone ready, then is the demo, with its arguments, terminal, signals and exit code. */
async function main() {
  setup();
  if (!existsSync(DEMO)) {
    throw new SetupError('The demo is missing: examples/demo/main.ts did not compile to examples/dist/demo/main.js.');
  }
  process.exitCode = await runNode(DEMO, process.argv.slice(2));
}

try {
  await main();
} catch (error) {
  if (!(error instanceof SetupError)) {
    throw error;
  }
  console.error(error.message);
  process.exitCode = 1;
}
