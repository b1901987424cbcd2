import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import process from 'node:process';
import { ROOT } from './repository.mjs';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Runs a command with our terminal and resolves with its exit code (128 + n when signal n ended it). A signal that
 * reaches us is the command's to answer: we pass it on and wait for its end. Ctrl-C is not passed on at a terminal,
 * which gives it to the whole group anyway. `output` is a file descriptor that gets what it says instead.
 */
export async function run(command, args, { env = {}, cwd = ROOT, output = 'inherit', onSpawn = () => {} } = {}) {
  const child = spawn(command, args, { cwd, stdio: ['inherit', output, output], env: { ...process.env, ...env } });
  const stopForwarding = forwardSignals(child);
  const stopWatching = endWithNpm(child);
  try {
    onSpawn(child);
    return await exitCode(child);
  } finally {
    stopForwarding();
    stopWatching();
  }
}

/** The same for a script of ours or of `node_modules/.bin`. */
export function runNode(script, args = [], options = {}) {
  return run(process.execPath, [script, ...args], options);
}

function exitCode(child) {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
  });
}

function forwardSignals(child) {
  const forward = signal => {
    if (signal !== 'SIGINT' || !process.stdin.isTTY) {
      child.kill(signal);
    }
  };
  SIGNALS.forEach(signal => process.on(signal, forward));
  return () => SIGNALS.forEach(signal => process.off(signal, forward));
}

/** npm puts a shell between itself and us, and some shells keep a signal to themselves: they end, and we live on. */
function endWithNpm(child) {
  if (process.env.npm_lifecycle_event === undefined) {
    return () => {};
  }
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid !== parent) {
      clearInterval(watch);
      child.kill('SIGTERM');
    }
  }, 500);
  return () => clearInterval(watch);
}
