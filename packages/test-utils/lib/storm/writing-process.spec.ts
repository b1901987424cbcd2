import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { isAlive } from '../servers/file-lock';
import { waitFor } from '../wait';
import { WritingProcess } from './writing-process';

/** Starts one, says its process id, and goes on for ever. */
const PARENT = `
  const { WritingProcess } = require(${JSON.stringify(join(__dirname, 'writing-process'))});
  const child = new WritingProcess();
  child.call('hasWrittenSince', 0, []).then(() => console.log(child.pid));
  setInterval(() => {}, 1000);`;

describe('the process that writes', () => {
  let writing: WritingProcess;

  beforeEach(() => {
    writing = new WritingProcess();
  });

  afterEach(() => writing.kill());

  it('answers each call, and says why it cannot', async () => {
    const rootNodes = [{ url: 'not-an-url' }];
    const orders = { rootNodes, seed: 1, dump: Buffer.alloc(0), ttl: [1, 2] as const, focus: [1], options: {} };
    await Promise.all([
      assert.rejects(writing.call('begin', orders), {
        code: 'USAGE',
        message: /^The process .* has failed \(.+\): begin$/
      }),
      writing.call('account').then(({ histories }) => assert.deepEqual(histories, [])),
      writing.call('hasWrittenSince', 0, []).then(written => assert.equal(written, false))
    ]);
  });

  it('fails what it is asked for when it has ended, before and after', async () => {
    const ended = { code: 'USAGE', message: /has ended \(SIGKILL\): stop$/ };
    const before = assert.rejects(writing.call('stop'), ended);
    process.kill(writing.pid!, 'SIGKILL');
    await before;
    await assert.rejects(writing.call('stop'), ended);
  });

  it('is gone when it is killed, twice too', async () => {
    await Promise.all([writing.kill(), writing.kill()]);
    assert.equal(isAlive(writing.pid!), false);
    await writing.kill();
  });

  it('does not outlive who has started it', async () => {
    const parent = spawn(process.execPath, ['--require', 'tsx/cjs', '--eval', PARENT], {
      stdio: ['ignore', 'pipe', 'inherit']
    });
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(line);
    assert.equal(isAlive(pid), true);
    parent.kill('SIGKILL');
    await waitFor('the process that writes to end', () => !isAlive(pid));
  });
});
