import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import {
  findServer,
  startCluster,
  startSentinel,
  startStandalone,
  waitFor,
  type RedisServer
} from '@redis-keyspace/test-utils';

const MAIN = resolve(__dirname, '../dist/demo/main.js');

/** The demonstration as a process without a terminal, with a folder of its own for temporary files. */
class Run {
  readonly temporary = mkdtempSync(join(tmpdir(), 'demo-spec-'));
  readonly child;
  readonly exited: Promise<[code: number | null, signal: string | null]>;
  output = '';

  constructor(...args: readonly string[]) {
    this.child = spawn(process.execPath, [MAIN, ...args], {
      env: { ...process.env, TMPDIR: this.temporary },
      stdio: ['ignore', 'pipe', 'pipe']
    });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    this.exited = once(this.child, 'close') as typeof this.exited;
  }

  says(text: string | RegExp): Promise<unknown> {
    return waitFor(`${String(text)} in ${JSON.stringify(this.output)}`, () =>
      typeof text === 'string' ? this.output.includes(text) : text.test(this.output)
    );
  }

  async end(signal: NodeJS.Signals): Promise<number | null> {
    this.child.kill(signal);
    return this.code();
  }

  async code(): Promise<number | null> {
    const [code] = await this.exited;
    return code;
  }

  /** The servers that it named do not answer, and its folder is empty. */
  async assertNothingLeft(): Promise<void> {
    const ports = new Set([...this.output.matchAll(/127\.0\.0\.1:(\d+)/g)].map(([, port]) => Number(port)));
    for (const port of ports) assert.ok(await isRefused(port), `${port} is still open`);
    await waitFor('its folder to be empty', () => readdirSync(this.temporary).length === 0);
  }

  [Symbol.dispose](): void {
    this.child.kill('SIGKILL');
    rmSync(this.temporary, { recursive: true, force: true });
  }
}

function isRefused(port: number): Promise<boolean> {
  return new Promise(done => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', () => done(true));
    socket.once('connect', () => done(socket.destroy() && false));
  });
}

describe('the demonstration', function () {
  this.timeout(120_000);

  it('loses nothing that it has not told, ends with a summary and leaves nothing behind', async () => {
    using run = new Run();
    assert.equal(await run.code(), 0, run.output);
    assert.match(run.output, /kill -9[^]*GAP[^]*RECOVERED[^]*Summary/);
    assert.match(run.output, /lost +[\d,]+ +[\d,]+ inside a told gap, 0 outside/);
    assert.match(run.output, /written +[1-9][\d,]{3,}/);
    assert.ok(!run.output.includes('\u001b'), 'sequences for a terminal');
    assert.ok(run.output.split('\n').length < 120, 'a flood of lines');
    await run.assertNothingLeft();
  });

  for (const [when, text] of [
    ['while servers start', 'starting 3 primaries'],
    ['while slots move', '2. Moving'],
    ['while keys are written', '1. Writing']
  ] as const) {
    it(`tells the summary so far and leaves nothing behind after Ctrl-C ${when}`, async () => {
      using run = new Run();
      await run.says(text);
      assert.equal(await run.end('SIGINT'), 130, run.output);
      assert.match(run.output, /Summary\n/);
      assert.match(run.output, /, 0 outside/);
      await run.assertNothingLeft();
    });
  }

  it('refuses a wrong option, and quotes it', async () => {
    using run = new Run('--nonsense');
    assert.equal(await run.code(), 2);
    assert.match(run.output, /'--nonsense'/);
  });

  it('refuses a wrong URL, and quotes it', async () => {
    using run = new Run('--url', 'localhost:6379');
    assert.equal(await run.code(), 2);
    assert.match(run.output, /"localhost:6379"/);
  });

  it('says what it tried when nobody answers', async () => {
    using run = new Run('--url', 'redis://user:secret@127.0.0.1:1');
    assert.equal(await run.code(), 3);
    assert.match(run.output, /redis:\/\/user@127\.0\.0\.1:1: .*ECONNREFUSED/);
    assert.doesNotMatch(run.output, /secret/);
  });
});

describe('the demonstration with --url', function () {
  this.timeout(60_000);

  const state = async (server: RedisServer) =>
    JSON.stringify([await server.command('DBSIZE'), await server.command('CONFIG', 'GET', '*')]);

  it('watches a standalone server with credentials in every database, and leaves it as it was', async () => {
    await using server = await startStandalone(await findServer(), {
      config: { requirepass: 'p@ss', 'notify-keyspace-events': 'Kg' }
    });
    const send = async (...args: string[]) => {
      const { createClient } = await import('redis-keyspace');
      const client = await createClient({ url: `redis://:p%40ss@127.0.0.1:${server.port}/2` }).connect();
      const answer = await client.sendCommand(args);
      client.destroy();
      return JSON.stringify(answer);
    };
    await send('SET', 'user:1', 'value');
    const before = [await send('DBSIZE'), await send('CONFIG', 'GET', '*')];
    using run = new Run('--url', `redis://:p%40ss@127.0.0.1:${server.port}`, '--pattern', 'user:*');
    await run.says('Watching');
    assert.match(run.output, /WARNING[^]*CONFIG SET notify-keyspace-events/);
    assert.deepEqual([await send('DBSIZE'), await send('CONFIG', 'GET', '*')], before);
    await send('DEL', 'user:1');
    await run.says(/127\.0\.0\.1:\d+ +db2 +del +user:1\n/);
    assert.equal(await run.end('SIGINT'), 0);
  });

  it('finds out that it is a cluster, hears every primary and leaves it as it was', async () => {
    await using servers = await startCluster(await findServer());
    const before = await Promise.all(servers.nodes.map(state));
    using run = new Run('--url', servers.rootNodes[1].url, '--event', 'set');
    await run.says('cluster');
    await run.says('Watching');
    assert.deepEqual(await Promise.all(servers.nodes.map(state)), before);
    for (const node of servers.nodes) {
      const key = await servers.keyFor(node, 'a:');
      await node.command('SET', key, 'value');
      await run.says(new RegExp(`${node.address} +db0 +set +a:`));
    }
    assert.equal(await run.end('SIGINT'), 0);
  });

  it('finds out that it is a Sentinel, and watches the primary that this monitors', async () => {
    await using servers = await startSentinel(await findServer());
    using run = new Run('--url', servers.sentinels[0].url);
    await run.says('Watching');
    const primary = await servers.primary();
    await primary.command('SET', 'key', 'value');
    await run.says(new RegExp(`${primary.address} +db0 +set +key\n`));
    assert.equal(await run.end('SIGTERM'), 0);
  });

  it('tells a gap in between, and goes on when the server is back', async () => {
    await using server = await startStandalone(await findServer());
    using run = new Run('--url', server.url);
    await run.says('Watching');
    await server.kill();
    await run.says('GAP');
    await server.restart();
    await run.says('RECOVERED');
    assert.equal(await run.end('SIGINT'), 0);
  });
});
