import { readFileSync, rmSync } from 'node:fs';
import { relative } from 'node:path';
import { inRepository, ROOT, tool } from './repository.mjs';
import { runNode } from './run.mjs';

/** Of the statements of `packages/client`, specs not counted. */
const THRESHOLD = 95;

/** Where V8 leaves what ran; `.c8rc.json` names the same folder. */
const RAW = inRepository('coverage', 'raw');

/** Forgets the last run and returns the environment in which processes record what they execute. */
export function recordCoverage() {
  rmSync(RAW, { recursive: true, force: true });
  return { NODE_V8_COVERAGE: RAW };
}

/** Writes `coverage/index.html`, prints the figure and returns whether it is high enough. */
export async function checkCoverage() {
  if ((await runNode(tool('c8'), ['report'])) !== 0) {
    console.error('c8 could not make the coverage report, see above.');
    return false;
  }
  const { total, ...files } = JSON.parse(readFileSync(inRepository('coverage', 'coverage-summary.json'), 'utf8'));
  const enough = total.statements.pct >= THRESHOLD;
  console.log(`\n  Statements of packages/client that ran: ${total.statements.pct} % (at least ${THRESHOLD} %)`);
  if (!enough) {
    console.log(leastCovered(files).join('\n'));
  }
  return enough;
}

function leastCovered(files) {
  return Object.entries(files)
    .map(([file, { statements }]) => ({ file, missed: statements.total - statements.covered, pct: statements.pct }))
    .filter(({ missed }) => missed > 0)
    .sort((a, b) => b.missed - a.missed)
    .slice(0, 10)
    .map(({ file, missed, pct }) => `    ${relative(ROOT, file)}: ${missed} did not run (${pct} %)`);
}
