import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { inRepository, tool } from './repository.mjs';
import { runNode } from './run.mjs';

const REPORTER = inRepository('scripts', 'support', 'mocha-reporter.mjs');
const FOLDER = inRepository('coverage');

const STORMS = 'packages/client/test/storm-*.spec.ts';
const PEACE = 'packages/client/test/storm-peace.spec.ts';
const WAR = 'packages/client/test/storm-war.spec.ts';
/** What takes half of the time. */
const BEHAVIOUR = ['packages/client/test/**/*.spec.ts', 'packages/cli/{lib,test}/**/*.spec.ts'];
const SPECS = [
  'packages/*/{*,lib/**/*,test/**/*}.spec.ts',
  'examples/**/*.spec.ts',
  'benchmark/**/*.spec.ts',
  'soak/**/*.spec.ts',
  'scripts/**/*.spec.mjs'
];

/** All specs, as groups of parts that run at the same time. Storms have the machine for themselves: each takes half. */
const GROUPS = [
  [
    { name: 'behaviour', specs: BEHAVIOUR, ignored: [STORMS] },
    { name: 'everything else', specs: SPECS, ignored: BEHAVIOUR }
  ],
  [
    { name: 'storms in peace', specs: [PEACE], ignored: [] },
    { name: 'storms at war', specs: [WAR], ignored: [] }
  ]
];

/** How long after the last test something may keep the process alive. */
const GRACE = 30_000;

/** Runs mocha over the specs named in `args`, or over all that its other arguments choose; resolves as `mochaAll`. */
export function mocha(args) {
  return runMocha('chosen', args.some(arg => /\.spec\.[cm]?[jt]s$/.test(arg)) ? args : [...args, ...SPECS]);
}

/**
 * Runs all specs and resolves with the exit code and the summary: `undefined` when mocha did not reach the end of the
 * run. A process that does not end after its last test (something was left open) is ended and counts as failed.
 */
export async function mochaAll(env) {
  const results = [];
  for (const parts of GROUPS) results.push(...(await runTogether(parts, env)));
  const summaries = results.map(({ summary }) => summary);
  return {
    code: results.find(({ code }) => code !== 0)?.code ?? 0,
    lingers: results.some(({ lingers }) => lingers),
    summary: summaries.includes(undefined) ? undefined : summaries.reduce(add)
  };
}

/** The first is seen at once; what the others say is shown when it has ended. */
async function runTogether([first, ...others], env) {
  const runs = others.map(async part => {
    const log = join(FOLDER, `${part.name}.log`);
    mkdirSync(FOLDER, { recursive: true });
    const output = openSync(log, 'w');
    try {
      return { result: await runPart(part, { env, output }), log };
    } finally {
      closeSync(output);
    }
  });
  const results = [await runPart(first, { env })];
  for (const { result, log } of await Promise.all(runs)) {
    process.stdout.write(readFileSync(log));
    results.push(result);
  }
  return results;
}

async function runPart({ name, specs, ignored }, options) {
  const args = ['--forbid-only', ...ignored.flatMap(glob => ['--ignore', glob]), ...specs];
  const result = await runMocha(name, args, options);
  const { summary } = result;
  return { ...result, summary: summary && { ...summary, text: `\n  ${name}:\n${summary.text}` } };
}

async function runMocha(name, args, { env = {}, output } = {}) {
  const file = join(FOLDER, `${name}.json`);
  mkdirSync(FOLDER, { recursive: true });
  rmSync(file, { force: true });
  let lingers = false;
  let watch;
  const code = await runNode(tool('mocha'), ['--reporter', REPORTER, ...args], {
    env: { ...env, MOCHA_SUMMARY_FILE: file },
    output,
    onSpawn: child => {
      watch = whenLingering(file, () => {
        lingers = true;
        child.kill('SIGTERM');
        setTimeout(() => child.kill('SIGKILL'), 5_000).unref();
      });
    }
  }).finally(() => clearInterval(watch));
  const summary = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
  return { code: lingers ? 1 : code, lingers, summary };
}

function whenLingering(file, then) {
  let ended;
  return setInterval(() => {
    if (ended === undefined && existsSync(file)) {
      ended = Date.now();
    }
    if (Date.now() - ended > GRACE) {
      ended = Infinity;
      then();
    }
  }, 1_000);
}

function add(a, b) {
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
    text: `${a.text}\n${b.text}`
  };
}
