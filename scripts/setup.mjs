import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import process from 'node:process';
import { missingPackages } from './support/installed-packages.mjs';
import { isSupported, SUPPORTED } from './support/node-version.mjs';
import { inRepository, ROOT, tool } from './support/repository.mjs';

/** Why the repository cannot be made ready; the message says what to do. */
export class SetupError extends Error {
  name = 'SetupError';
}

/**
 * Makes a clone ready to run: the right Node, the packages of `package-lock.json`, compiled sources. Does only what
 * is not done yet and says nothing when there is nothing to do. Needs nothing but Node itself. What runs the sources
 * themselves does without the compiling.
 */
export function setup({ compiled = true } = {}) {
  if (!isSupported(process.version)) {
    throw new SetupError(`This is Node ${process.version} (${process.execPath}); needed is Node ${SUPPORTED}.`);
  }
  install();
  if (compiled) {
    compile();
  }
}

function install() {
  const missing = missingPackages();
  if (missing.length === 0) {
    return;
  }
  console.log(`Installing ${missing.length} packages with npm ci ...`);
  const { status, error, stderr } = npm(['ci', '--include=dev', '--prefer-offline', '--no-audit', '--no-fund']);
  if (error) {
    throw new SetupError(`npm was not found (${error.message}). It comes with Node: see https://nodejs.org`);
  }
  if (status !== 0) {
    process.stderr.write(stderr);
    throw new SetupError(isOffline(stderr) ? offline(missing) : `npm ci failed with exit code ${status}, see above.`);
  }
}

/** npm as it runs us, or the one on the PATH. */
function npm(args) {
  const script = process.env.npm_execpath;
  const options = { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] };
  return script && /npm-cli\.c?js$/.test(script)
    ? spawnSync(process.execPath, [script, ...args], options)
    : spawnSync('npm', args, { ...options, shell: process.platform === 'win32' });
}

function isOffline(stderr) {
  return /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|ERR_SOCKET_TIMEOUT)\b/.test(
    stderr
  );
}

function offline(missing) {
  const shown = missing.slice(0, 5).join(', ');
  return [
    `The npm registry cannot be reached, and ${missing.length} packages are missing from node_modules: ${shown}${missing.length > 5 ? ', ...' : '.'}`,
    'They are downloaded once. Connect to the network and run this again; behind a proxy or with a registry of your own,',
    'first set it: npm config set proxy <url>, npm config set registry <url>.'
  ].join('\n');
}

function compile() {
  if (!existsSync(inRepository('packages', 'client', 'dist', 'index.js'))) {
    console.log('Compiling the packages with tsc -b ...');
  }
  const { status } = spawnSync(process.execPath, [tool('tsc'), '-b'], { cwd: ROOT, stdio: 'inherit' });
  if (status !== 0) {
    throw new SetupError('The packages do not compile, see above.');
  }
}
