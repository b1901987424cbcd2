import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';

const PATIENCE = 300_000;

/**
 * Runs the body while no other process of this machine holds the lock file.
 * A lock whose owner has died is taken over. Synchronous: it blocks while it waits.
 */
export function withFileLock<T>(path: string, body: () => T): T {
  const deadline = Date.now() + PATIENCE;
  while (!tryLock(path)) {
    if (Date.now() > deadline) {
      throw new Error(`The lock ${JSON.stringify(path)} was held for more than ${PATIENCE} ms`);
    }
    sleepSync(100);
  }
  try {
    return body();
  } finally {
    rmSync(path, { force: true });
  }
}

function tryLock(path: string): boolean {
  try {
    writeFileSync(path, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
      throw error;
    }
    if (isAbandoned(path)) {
      rmSync(path, { force: true });
    }
    return false;
  }
}

function isAbandoned(path: string): boolean {
  try {
    const pid = Number(readFileSync(path, 'utf8'));
    // An owner that has only just made the file has not written its pid yet.
    return pid > 0 ? !isAlive(pid) : Date.now() - statSync(path).mtimeMs > 5_000;
  } catch {
    return false;
  }
}

/** Whether a process with this id exists, whoever owns it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function sleepSync(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
