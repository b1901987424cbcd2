import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive } from '../servers/file-lock';
import { waitFor } from '../wait';

interface Report {
  readonly pids: readonly number[];
  readonly folder: string;
}

/** A script that starts two servers, hangs one of them, and then goes on for ever, or ends in its own way. */
const SCRIPT = (ending: string) => `
  const { loadServers, startStandalone } = require(${JSON.stringify(join(__dirname, '..', '..', 'index'))});
  const { reaper } = require(${JSON.stringify(join(__dirname, 'reaper'))});
  (async () => {
    const [server] = loadServers();
    const servers = [await startStandalone(server), await startStandalone(server)];
    await servers[0].hang();
    await servers[1].client();
    console.log(JSON.stringify({ pids: servers.map(({ pid }) => pid), folder: reaper.folder }));
    ${ending}
  })();
  setInterval(() => {}, 1000);`;

async function run(ending: string, signal?: NodeJS.Signals): Promise<Report> {
  const child = spawn(process.execPath, ['--require', 'tsx/cjs', '--eval', SCRIPT(ending)], {
    stdio: ['ignore', 'pipe', 'ignore']
  });
  const exit = once(child, 'exit');
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  if (signal) {
    child.kill(signal);
  }
  await exit;
  return JSON.parse(String(line)) as Report;
}

describe('reaper', () => {
  const cases: readonly [title: string, ending: string, signal?: NodeJS.Signals][] = [
    ['SIGINT, as Ctrl-C sends it', '', 'SIGINT'],
    ['SIGTERM', '', 'SIGTERM'],
    ['SIGKILL, which nobody can handle', '', 'SIGKILL'],
    ['process.exit()', 'process.exit(3);'],
    ['an uncaught error', `setTimeout(() => { throw new Error('uncaught'); });`]
  ];
  let reports: Report[];

  before(async () => {
    reports = await Promise.all(cases.map(([, ending, signal]) => run(ending, signal)));
  });

  for (const [index, [title]] of cases.entries()) {
    it(`leaves no server, not even a hung one, and no file after ${title}`, async () => {
      const { pids, folder } = reports[index];
      assert.equal(pids.length, 2);
      await waitFor('the servers to be gone', () => !pids.some(isAlive));
      await waitFor('the folder to be gone', () => !existsSync(folder));
    });
  }
});
