import { existsSync } from 'node:fs';
import process from 'node:process';
import { setup, SetupError } from './setup.mjs';
import { checkCoverage, recordCoverage } from './support/coverage.mjs';
import { mocha, mochaAll } from './support/mocha.mjs';
import { inRepository } from './support/repository.mjs';
import { runNode } from './support/run.mjs';

const FETCH_SERVERS = inRepository('packages', 'test-utils', 'dist', 'bin', 'fetch-servers.js');

/** Steps that `.ci/run` saw fail before the tests, by name: they fail the run and are counted. */
const FAILED_BEFORE = (process.env.FAILED_STEPS ?? '').split(',').filter(Boolean);

/**
 * `npm test`: makes the clone ready, finds or fetches the servers, runs the specs and checks the coverage. Arguments
 * go to mocha (`npm test -- --grep failover`, `npm test -- <spec file>`); a part of the tests has no coverage to check.
 * Ends with mocha's summary and the line `N passed, N failed, N skipped`.
 */
async function main(args) {
  setup();
  await findServers();
  const whole = args.length === 0;
  const { code, lingers, summary } = whole ? await mochaAll(recordCoverage()) : await mocha(args);
  const problems = FAILED_BEFORE.map(step => `${step} failed, see above.`);
  if (summary === undefined) {
    problems.push(`Mocha did not finish (exit code ${code}).`);
  }
  if (code !== 0 && summary?.failed === 0 && !lingers) {
    problems.push(`Mocha ended with exit code ${code}.`);
  }
  if (lingers) {
    problems.push('The tests left something open that kept mocha alive; it was stopped.');
  }
  if (whole && summary !== undefined && !(await checkCoverage())) {
    problems.push('Too few statements of packages/client ran.');
  }
  report(summary, problems);
  process.exitCode = code === 0 && problems.length > 0 ? 1 : code;
}

async function findServers() {
  if (!existsSync(FETCH_SERVERS)) {
    throw new SetupError('packages/test-utils did not compile: dist/bin/fetch-servers.js is missing.');
  }
  if ((await runNode(FETCH_SERVERS)) !== 0) {
    throw new SetupError('The tests need a server to run against, see above.');
  }
}

/** Problems that are no test's count as failed too: the last line never says less than the exit code. */
function report(summary = { passed: 0, failed: 0, skipped: 0, text: '' }, problems = []) {
  console.log(summary.text);
  for (const problem of problems) {
    console.log(`  ${problem}`);
  }
  const failed = summary.failed + problems.length;
  console.log(`\n${summary.passed} passed, ${failed} failed, ${summary.skipped} skipped`);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof SetupError)) {
    throw error;
  }
  report(undefined, [...FAILED_BEFORE.map(step => `${step} failed, see above.`), error.message]);
  process.exitCode = 1;
}
