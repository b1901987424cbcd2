import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import process from 'node:process';
import { ROOT } from './repository.mjs';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Runs a command with our terminal and resolves with its exit code (128 + n when signal n ended it). A signal that
 * reaches us is the command's to answer: we pass it on and wait for its end. Ctrl-C is not passed on at a terminal,
 * which gives it to the whole group anyway.
 */
export function run(command, args, { env = {}, cwd = ROOT, onSpawn = () => {} } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, stdio: 'inherit', env: { ...process.env, ...env } });
    const forward = signal => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) {
        child.kill(signal);
      }
    };
    const settle = (finish, value) => {
      for (const signal of SIGNALS) {
        process.off(signal, forward);
      }
      finish(value);
    };
    for (const signal of SIGNALS) {
      process.on(signal, forward);
    }
    child.once('error', error => settle(reject, error));
    child.once('exit', (code, signal) => settle(resolve, code ?? 128 + constants.signals[signal]));
    onSpawn(child);
  });
}

/** The same for a script of ours or of `node_modules/.bin`. */
export function runNode(script, args = [], options = {}) {
  return run(process.execPath, [script, ...args], options);
}
