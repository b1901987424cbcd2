import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { findServer, startCluster, type TestCluster } from '@redis-keyspace/test-utils';

/** Runs a compiled example. @returns what it printed; fails when it failed. */
async function run(name: string, ...args: readonly string[]): Promise<string> {
  const { REDIS_URL: _, ...env } = process.env;
  const child = spawn(process.execPath, [resolve(__dirname, `dist/${name}.js`), ...args], { env });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const [code] = (await once(child, 'close')) as [number | null];
  assert.equal(code, 0, output);
  return output;
}

describe('the recipes for a gap', function () {
  this.timeout(60_000);
  let servers: TestCluster;
  before(async () => {
    servers = await startCluster(await findServer());
  });
  after(() => servers.stop());
  const url = () => servers.rootNodes[1].url;
  const assertClean = async () => {
    for (const node of servers.nodes) assert.equal(Number(await node.command('DBSIZE')), 0);
  };

  it('flush: no entry is stale after it', async () => {
    const output = await run('gap-flush', url());
    assert.match(output, /30 entries are cached\n[^]*disconnected at [^]*stale: 0 of 30\n/);
    await assertClean();
  });

  it('rescan: the mirror has what changed, what was made, and not what was deleted', async () => {
    const output = await run('gap-rescan', url());
    assert.match(output, /30 keys are mirrored\n21 keys are mirrored, 0 of them stale\n/);
    await assertClean();
  });

  it('accept: the figures come with what is in doubt', async () => {
    const output = await run('gap-accept', url());
    assert.match(output, /heard 30 set, nothing in doubt\n[^]*disconnected[^]*at least \d+ del\n\d+ ms are in doubt\n/);
    await assertClean();
  });

  it('run without a URL on a cluster of their own', async () => {
    const output = await run('gap-rescan');
    assert.match(output, /^No URL is given[^]*0 of them stale\n$/);
  });
});
