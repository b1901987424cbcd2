import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { inRepository, tool } from './repository.mjs';
import { runNode } from './run.mjs';

const REPORTER = inRepository('scripts', 'support', 'mocha-reporter.mjs');
const SUMMARY = inRepository('coverage', 'mocha-summary.json');

const SPECS = [
  'packages/*/{*,lib/**/*,test/**/*}.spec.ts',
  'examples/**/*.spec.ts',
  'benchmark/**/*.spec.ts',
  'soak/**/*.spec.ts',
  'scripts/**/*.spec.mjs'
];

/** How long after the last test something may keep the process alive. */
const GRACE = 30_000;

/**
 * Runs mocha over all specs, or over those named in `args`, and resolves with its exit code and its summary:
 * `undefined` when it did not reach the end of the run. A process that does not end after its last test (something
 * was left open) is ended and counts as failed.
 */
export async function mocha(args, env = {}) {
  mkdirSync(dirname(SUMMARY), { recursive: true });
  rmSync(SUMMARY, { force: true });
  let lingers = false;
  let watch;
  const code = await runNode(tool('mocha'), ['--reporter', REPORTER, ...withSpecs(args)], {
    env: { ...env, MOCHA_SUMMARY_FILE: SUMMARY },
    onSpawn: child => {
      watch = whenLingering(() => {
        lingers = true;
        child.kill('SIGTERM');
        setTimeout(() => child.kill('SIGKILL'), 5_000).unref();
      });
    }
  }).finally(() => clearInterval(watch));
  return { code: lingers ? 1 : code, lingers, summary: readSummary() };
}

function withSpecs(args) {
  return args.some(arg => /\.spec\.[cm]?[jt]s$/.test(arg)) ? args : [...args, ...SPECS];
}

function whenLingering(then) {
  let ended;
  return setInterval(() => {
    if (ended === undefined && existsSync(SUMMARY)) {
      ended = Date.now();
    }
    if (Date.now() - ended > GRACE) {
      ended = Infinity;
      then();
    }
  }, 1_000);
}

function readSummary() {
  return existsSync(SUMMARY) ? JSON.parse(readFileSync(SUMMARY, 'utf8')) : undefined;
}
