import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withFileLock } from './file-lock';

describe('file lock', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lock-spec-'));
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  it('lets one process in at a time', async () => {
    const log = join(folder, 'log');
    const body = `
      const { withFileLock } = require(${JSON.stringify(join(__dirname, 'file-lock'))});
      const { appendFileSync } = require('node:fs');
      withFileLock(${JSON.stringify(join(folder, 'lock'))}, () => {
        appendFileSync(${JSON.stringify(log)}, '(');
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60);
        appendFileSync(${JSON.stringify(log)}, ')');
      });`;
    const run = () =>
      once(spawn(process.execPath, ['--require', 'tsx/cjs', '--eval', body], { stdio: 'inherit' }), 'exit');
    assert.deepEqual(await Promise.all([run(), run(), run()]), [
      [0, null],
      [0, null],
      [0, null]
    ]);
    assert.equal(readFileSync(log, 'utf8'), '()()()');
  });

  it('is taken over from an owner that has died, and given back after an error', async () => {
    const lock = join(folder, 'lock');
    const dead = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
    await once(dead, 'exit');
    writeFileSync(lock, String(dead.pid));
    assert.throws(
      () =>
        withFileLock(lock, () => {
          throw new Error('inside');
        }),
      /inside/
    );
    assert.equal(existsSync(lock), false);
  });
});
