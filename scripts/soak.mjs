import process from 'node:process';
import { setup, SetupError } from './setup.mjs';
import { inRepository } from './support/repository.mjs';
import { run } from './support/run.mjs';

const SOAK = inRepository('soak', 'main.ts');

/** Runs the sources as they are: a soak is what one wants to see of a change that is not finished yet. */
const FROM_SOURCES = { TSX_TSCONFIG_PATH: inRepository('tsconfig.check.json') };

/** `npm run soak`: storms on clusters of real servers, see `npm run soak -- --help`. */
async function main(args) {
  setup({ compiled: false });
  process.exitCode = await run(process.execPath, ['--import', 'tsx', SOAK, ...args], { env: FROM_SOURCES });
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof SetupError)) {
    throw error;
  }
  console.error(error.message);
  process.exitCode = 1;
}
