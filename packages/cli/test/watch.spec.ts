import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  FakeServer,
  findServer,
  startCluster,
  startSentinel,
  startStandalone,
  waitFor,
  type RedisServer,
  type TestCluster
} from '@redis-keyspace/test-utils';
import { COMMAND, CommandProcess } from './support/command-process';
import { runInProcess } from './support/fake-io';
import { TerminalProcess } from './support/terminal-process';

const folder = mkdtempSync(join(tmpdir(), 'cli-spec-'));
after(() => rmSync(folder, { recursive: true, force: true }));

interface Line {
  readonly [name: string]: unknown;
}

function linesOf(text: string): Line[] {
  return text
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line) as Line);
}

function typesOf(text: string): unknown[] {
  return linesOf(text).map(({ type }) => type);
}

describe('keyspace watch, of a single server', function () {
  this.timeout(60_000);
  const PASSWORD = 'p@ss';
  const env = { KEYSPACE_PASSWORD: PASSWORD };
  let server: RedisServer;
  let url: string;

  before(async () => {
    server = await startStandalone(await findServer(), { config: { 'notify-keyspace-events': 'AKE' } });
    await server.command('CONFIG', 'SET', 'requirepass', PASSWORD);
    await server.command('AUTH', PASSWORD);
    url = server.url;
  });
  after(() => server.stop());

  it('hears every database, with the password of the environment, and changes nothing', async () => {
    const before = JSON.stringify([await server.command('CONFIG', 'GET', '*'), await server.command('DBSIZE')]);
    using watch = new CommandProcess(['watch', 'user:*', '--url', url], env);
    await watch.says('Watching');
    assert.equal(JSON.stringify([await server.command('CONFIG', 'GET', '*'), await server.command('DBSIZE')]), before);
    await server.command('SELECT', '2');
    await server.command('SET', 'user:1', 'value');
    await server.command('SET', 'other', 'value');
    await server.command('DEL', 'user:1', 'other');
    await server.command('SELECT', '0');
    await watch.says(new RegExp(`^\\d\\d:\\d\\d:\\d\\d\\.\\d{3}  ${server.address} +db2 +set +user:1\n`, 'm'));
    await watch.says(/db2 +del +user:1\n/);
    assert.doesNotMatch(watch.output, /other/);
    assert.ok(!watch.output.includes('\u001b') && !watch.output.includes(PASSWORD));
    assert.equal(await watch.end('SIGINT'), 0);
    assert.match(watch.stdout, /Ended: 2 heard, 0 gaps\.\n$/);
  });

  it('asks for the password on a terminal and does not show it, then ends by Ctrl-C', async () => {
    using terminal = new TerminalProcess(['watch', '--url', url, '--ask-password']);
    await terminal.says('Password of default at 127.0.0.1: ');
    terminal.type(`${PASSWORD}x\u007f\r`);
    await terminal.says('Watching');
    assert.ok(!terminal.output.includes(PASSWORD));
    terminal.type('\u0003');
    assert.equal(await terminal.code(), 0);
  });

  it('is not let in without the password, and says how to give it', async () => {
    using watch = new CommandProcess(['watch', '--url', url]);
    assert.equal(await watch.code(), 3);
    assert.match(watch.stderr, /NOAUTH[^]*KEYSPACE_PASSWORD, --password-file or --ask-password/);
  });

  it('ends after so many notifications with --until, exactly, and writes them as JSON to stdout and file', async () => {
    const path = join(folder, 'out.ndjson');
    const argv = ['watch', '--url', url, '--json', '--until', '3', '--output', path, '--event', 'set', '--db', '0'];
    using watch = new CommandProcess(argv, env);
    await watch.says('"watching"');
    await server.rawCommand(0, 'AUTH', PASSWORD);
    await server.rawCommand(0, 'SET', Buffer.from([0xff, 0x00]), 'value');
    for (let index = 0; index < 10; index++) await server.command('SET', `key:${index}`, 'value', 'EX', '100');
    assert.equal(await watch.code(), 0);
    assert.deepEqual(typesOf(watch.stdout), ['watching', 'notification', 'notification', 'notification', 'end']);
    const [watching, binary, first, , end] = linesOf(watch.stdout);
    assert.deepEqual([watching.kind, watching.slots, watching.nodes], ['standalone', 16_384, [server.address]]);
    assert.deepEqual([binary.key, binary.keyBase64], ['\ufffd\u0000', '/wA=']);
    assert.deepEqual([first.node, first.database, first.event, first.key], [server.address, 0, 'set', 'key:0']);
    assert.ok(!Number.isNaN(Date.parse(String(first.time))));
    assert.deepEqual([end.reason, end.heard, end.gaps], ['until', 3, 0]);
    assert.equal(readFileSync(path, 'utf8'), watch.stdout);
  });

  it('ends after a time with --until, and tells rates', async () => {
    using watch = new CommandProcess(
      ['watch', '--url', url, '--json', '--rate', '--interval', '400ms', '--until', '1s'],
      env
    );
    await watch.says('"watching"');
    for (let index = 0; index < 20; index++) await server.command('SET', `user:${index}`, 'value');
    assert.equal(await watch.code(), 0);
    assert.deepEqual([...new Set(typesOf(watch.stdout))], ['watching', 'rate', 'end']);
    const last = linesOf(watch.stdout)
      .filter(({ type }) => type === 'rate')
      .at(-1)!;
    const total = (list: unknown) => (list as { name: string; total: number }[]).map(one => [one.name, one.total]);
    assert.deepEqual(total(last.nodes), [[server.address, 20]]);
    assert.deepEqual(total(last.events), [['set', 20]]);
    assert.deepEqual(total(last.prefixes), [['user:', 20]]);
  });

  it('counts the time of the first rates from the subscription on, however long it took to connect', async () => {
    const late = 1_000;
    let greeted = 0;
    await using slow = await FakeServer.start({
      // The first connection asks what the server is, the second is the client's.
      onCommand: ([name]) => (name === 'HELLO' && ++greeted === 2 ? delay(late).then(() => undefined) : undefined)
    });
    const argv = ['watch', '--url', slow.url, '--json', '--rate', '--interval', '100ms', '--until', '300ms'];
    const [watching, first] = linesOf((await runInProcess(argv)).stdout).filter(({ type }) => type !== 'warning');
    const shown = Date.parse(String(first.time)) - Date.parse(String(watching.time));
    assert.ok(Number(first.seconds) * 1_000 < shown + late / 2, JSON.stringify([watching, first]));
  });

  it('redraws a table on a terminal, in colours, and keeps the lines above it', async () => {
    using terminal = new TerminalProcess(['watch', '--url', url, '--rate', '--interval', '100ms'], env);
    await terminal.says('Watching');
    await server.command('SET', 'user:1', 'value');
    await terminal.says(/1 heard/);
    await terminal.says(/user:/);
    await server.command('SET', 'user:2', 'value');
    await terminal.says(/2 heard/);
    await waitFor('the same place to be drawn again', () => terminal.output.includes('A\r\u001b[0J'));
    assert.ok(terminal.output.includes('\u001b[1m'));
    const screen = terminal.screen();
    assert.equal(screen.filter(line => /heard/.test(line)).length, 1, screen.join('\n'));
    assert.equal(screen.filter(line => /^Watching/.test(line)).length, 1);
    terminal.type('\u0003');
    assert.equal(await terminal.code(), 0);
    assert.match(terminal.screen().join('\n'), /user: [^]*\nEnded: 2 heard/);
  });

  it('has no colours on a terminal with --no-color, NO_COLOR and KEYSPACE_NO_COLOR', async () => {
    for (const [flags, more] of [
      [['--no-color'], {}],
      [[], { NO_COLOR: '1' }],
      [[], { KEYSPACE_NO_COLOR: '1' }]
    ] as const) {
      using terminal = new TerminalProcess(['watch', '--url', url, '--until', '1', ...flags], { ...env, ...more });
      await terminal.says('Watching');
      await server.command('SET', 'user:1', 'value');
      assert.equal(await terminal.code(), 0);
      assert.match(terminal.output, /user:1/);
      assert.ok(!terminal.output.includes('\u001b['), JSON.stringify(terminal.output));
    }
  });

  it('warns of letters that are off, with the command that helps', async () => {
    using watch = new CommandProcess(['watch', '--url', url, '--subkeys'], env);
    await watch.says('Watching');
    assert.match(watch.output, /WARNING +.* lacks "S"/);
    assert.equal(await watch.end('SIGTERM'), 0);
  });

  it('names the rule that a user lacks, and ends with 1', async () => {
    await server.command('ACL', 'SETUSER', 'app', 'on', '>secret', '+@all', 'resetchannels', '&__keyspace@0__:a*');
    const app = { KEYSPACE_PASSWORD: 'secret', KEYSPACE_USER: 'app', KEYSPACE_URL: url };
    using refused = new CommandProcess(['watch', 'a*'], app);
    assert.equal(await refused.code(), 1);
    assert.match(refused.stderr, /NOPERM[^]*"&__keyspace@\*__:a\*"[^]*--db 0/);
    using allowed = new CommandProcess(['watch', 'a*', '--db', '0', '--until', '100ms'], app);
    assert.equal(await allowed.code(), 0, allowed.output);
  });

  it('tells a gap in between, and goes on when the server is back', async () => {
    using watch = new CommandProcess(['watch', '--url', url], env);
    await watch.says('Watching');
    await server.command('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await watch.says(/GAP +disconnected: .*, all keys: notifications may be missing since/);
    await watch.says(/RECOVERED +disconnected/);
    await server.command('SET', 'user:9', 'value');
    await watch.says('user:9');
    assert.equal(await watch.end('SIGHUP'), 0);
    assert.match(watch.stdout, /1 gap\.\n$/);
  });

  it('says that it cannot write, and ends with 1', () => {
    const unwritable = openSync(__filename, 'r');
    const { status, stderr } = spawnSync(process.execPath, [COMMAND, '--help'], {
      stdio: ['ignore', unwritable, 'pipe'],
      encoding: 'utf8'
    });
    closeSync(unwritable);
    assert.deepEqual([status, stderr], [1, 'Cannot write: EBADF: bad file descriptor, write\n']);
  });

  it('names the variable by which it was given a file that it cannot write to', async () => {
    const { code, stderr } = await runInProcess(['watch'], { env: { KEYSPACE_OUTPUT: join(folder, 'no', 'file') } });
    assert.deepEqual([code, stderr.split(' ')[0]], [2, 'KEYSPACE_OUTPUT']);
  });

  it('ends quietly when nobody reads any more', async () => {
    using watch = new CommandProcess(['watch', '--url', url], env);
    await watch.says('Watching');
    watch.child.stdout.destroy();
    const ended = watch.code();
    await waitFor('it to notice', async () => {
      await server.command('SET', 'user:1', 'value');
      return watch.child.exitCode !== null;
    });
    assert.equal(await ended, 0);
    assert.equal(watch.stderr, '');
  });
});

describe('keyspace watch, of a cluster', function () {
  this.timeout(60_000);
  let cluster: TestCluster;

  before(async () => {
    cluster = await startCluster(await findServer());
  });
  after(() => cluster.stop());

  it('finds out that it is one, from the second URL, and hears every primary and a moving slot', async () => {
    using watch = new CommandProcess([
      'watch',
      ...['--url', 'redis://127.0.0.1:1', '--url', cluster.rootNodes[1].url],
      ...['--event', 'set']
    ]);
    await watch.says(/, cluster: /);
    for (const node of cluster.nodes) {
      const key = await cluster.keyFor(node, 'a:');
      await node.command('SET', key, 'value');
      await watch.says(new RegExp(`${node.address} +db0 +set +a:`));
    }
    const [from, to] = await cluster.primaries();
    await cluster.moveSlots(from, to, (await cluster.slotsOf(from)).slice(0, 1));
    await watch.says(new RegExp(`TOPOLOGY .*${to.address} gained slot`));
    assert.doesNotMatch(watch.stdout, /GAP/);
    assert.equal(await watch.end('SIGINT'), 0);
  });

  it('is no cluster for those who say --standalone', async () => {
    using watch = new CommandProcess(['watch', '--url', cluster.rootNodes[0].url, '--standalone', '--until', '200ms']);
    assert.equal(await watch.code(), 0);
    assert.match(watch.stdout, /, standalone: \S+\. /);
  });
});

describe('keyspace watch, of a Sentinel', function () {
  this.timeout(60_000);

  it('finds out that it is one, and hears the primary that it watches', async () => {
    await using servers = await startSentinel(await findServer(), { sentinels: 1 });
    const [sentinel] = servers.sentinels;
    using watch = new CommandProcess(['watch', '--url', sentinel.url]);
    await watch.says(/, sentinel: /);
    const primary = await servers.primary();
    await primary.command('SET', 'key', 'value');
    await watch.says(new RegExp(`${primary.address} +db0 +set +key\n`));
    assert.equal(await watch.end('SIGTERM'), 0);
    using wrong = new CommandProcess(['watch', '--url', sentinel.url, '--sentinel-name', 'other']);
    assert.equal(await wrong.code(), 2);
    assert.match(wrong.stderr, /--sentinel-name "other": .* watches keyspace-test/);

    using doctor = new CommandProcess(['doctor', '--url', sentinel.url]);
    assert.equal(await doctor.code(), 0, doctor.output);
    assert.match(doctor.stdout, /1 primary and 1 replica, watched by Sentinel/);
    using disable = new CommandProcess(['disable', '--url', sentinel.url, '--json']);
    assert.equal(await disable.code(), 0, disable.output);
    for (const node of servers.nodes)
      assert.deepEqual(await node.command('CONFIG', 'GET', 'notify-keyspace-events'), ['notify-keyspace-events', '']);
  });
});
