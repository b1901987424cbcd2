import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  FakeServer,
  TLS_IDENTITY,
  findServer,
  startCluster,
  startSentinel,
  startStandalone,
  type RedisServer,
  type TestCluster,
  type TestSentinel
} from '@redis-keyspace/test-utils';
import { CommandProcess } from './support/command-process';
import { FakeIo, runInProcess } from './support/fake-io';
import { run } from '../lib/program';

const folder = mkdtempSync(join(tmpdir(), 'cli-spec-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** Each command that talks to servers. */
async function tryAll(argv: readonly string[], kind: string, nodes: number, env: Record<string, string> = {}) {
  const tried = async (...words: readonly string[]) => {
    const { code, stdout, stderr } = await runInProcess([...words, ...argv], { env });
    assert.deepEqual([code, stderr], [0, ''], stdout);
    return stdout;
  };
  assert.match(await tried('watch', '--until', '200ms'), new RegExp(`^Watching .*, ${kind}: `));
  await tried('disable');
  assert.match(await tried('enable'), new RegExp(`${nodes} nodes?: ${nodes} changed\\.\n$`));
  assert.match(await tried('doctor'), /No problem\.\n$/);
}

describe('keyspace, over TLS', function () {
  this.timeout(90_000);
  const ca = file('ca.pem', TLS_IDENTITY.cert);
  const key = file('key.pem', TLS_IDENTITY.key);
  const trust = ['--tls-ca', ca, '--tls-server-name', 'keyspace.test'];

  it('trusts the authority and the name that it is given, and shows its own certificate', async () => {
    await using server = await startStandalone(await findServer(), { tls: true });
    const argv = ['watch', '--url', server.url, '--until', '100ms'];
    for (const [flags, code] of [
      [[], 3],
      [['--tls-ca', ca], 3],
      [['--tls-ca', ca, '--tls-server-name', 'other.test'], 3],
      [trust, 0],
      [['--tls-insecure'], 0]
    ] as const) {
      const told = await runInProcess([...argv, ...flags]);
      assert.equal(told.code, code, `${flags.join(' ')}: ${told.stderr}`);
      if (code === 3) assert.match(told.stderr, /--tls-ca, or the name by --tls-server-name/);
      else assert.match(told.stdout, /^Watching rediss:/);
    }
    const plain = await runInProcess(['watch', '--url', `redis://${server.address}`]);
    assert.equal(plain.code, 3);
    assert.match(plain.stderr, /does it speak TLS/);

    await server.command('CONFIG', 'SET', 'tls-auth-clients', 'yes');
    assert.equal((await runInProcess([...argv, ...trust])).code, 3);
    const shown = await runInProcess([...argv, ...trust, '--tls-cert', ca, '--tls-key', key]);
    assert.equal(shown.code, 0, shown.stderr);
    await tryAll(['--url', server.url, ...trust, '--tls-cert', ca, '--tls-key', key], 'standalone', 1);
  });

  it('reaches every node of a cluster', async () => {
    await using cluster = await startCluster(await findServer(), { replicas: 1, tls: true });
    await tryAll(['--url', cluster.nodes[0].url, ...trust], 'cluster', 6);
    using watch = new CommandProcess(['watch', '--url', `redis://${cluster.nodes[0].address}`, '--tls', ...trust]);
    await watch.says('Watching');
    for (const node of await cluster.primaries()) {
      await node.command('SET', await cluster.keyFor(node), 'value');
      await watch.says(new RegExp(`${node.address} +db0 +set `));
    }
    assert.equal(await watch.end('SIGINT'), 0);
  });

  it('reaches Sentinels, and the servers that they watch, through a failover too', async () => {
    await using servers = await startSentinel(await findServer(), { tls: true });
    const [{ url }] = servers.sentinels;
    await tryAll(['--url', url, ...trust], 'sentinel', 2);
    using watch = new CommandProcess(['watch', '--url', url, ...trust]);
    await watch.says('Watching');
    const promoted = await servers.failover();
    await watch.says('RECOVERED');
    await promoted.command('SET', 'key', 'value');
    await watch.says(new RegExp(`${promoted.address} +db0 +set +key\n`));
    assert.equal(await watch.end('SIGINT'), 0);
  });
});

describe('keyspace, with credentials of Sentinels and servers apart', function () {
  this.timeout(60_000);
  let servers: TestSentinel;
  let sentinel: RedisServer;
  let url: string[];

  before(async () => {
    servers = await startSentinel(await findServer(), { sentinels: 1 });
    [sentinel] = servers.sentinels;
    url = ['--url', sentinel.url];
    await Promise.all(
      servers.nodes.map(node => node.command('ACL', 'SETUSER', 'app', 'on', '>secret', '~*', '&*', '+@all'))
    );
  });
  after(() => servers.stop());

  const GUEST = { KEYSPACE_SENTINEL_USER: 'guest', KEYSPACE_SENTINEL_PASSWORD: 'guests' };
  const APP = { KEYSPACE_USER: 'app', KEYSPACE_PASSWORD: 'secret' };

  it('needs none for Sentinels that ask for none', async () => {
    await tryAll(url, 'sentinel', 2, APP);
    await tryAll([...url, '--sentinel'], 'sentinel', 2, APP);
  });

  it('is at the Sentinels who it is told to be there, though they let in anybody', async () => {
    await sentinel.command('ACL', 'SETUSER', 'guest', 'on', '>guests', '+@all', '~*', '&*');
    using watch = new CommandProcess(['watch', ...url], { ...APP, ...GUEST });
    await watch.says('Watching');
    const clients = String(await sentinel.command('CLIENT', 'LIST'));
    assert.deepEqual([/ user=guest /.test(clients), / user=app /.test(clients)], [true, false]);
    assert.equal(await watch.end('SIGINT'), 0);
  });

  it('names the server that does not let it in, and not the Sentinel, which does', async () => {
    const [primary] = servers.nodes;
    const env = { ...APP, KEYSPACE_PASSWORD: 'wr0ng' };
    const watch = await runInProcess(['watch', ...url], { env });
    assert.equal(watch.code, 3);
    assert.match(watch.stderr, new RegExp(`^Cannot connect to ${primary.address}: WRONGPASS .*\n  -> give --user`));
    const enable = await runInProcess(['enable', ...url], { env });
    assert.match(enable.stdout, /FAILED cannot be reached: WRONGPASS .*\n +-> give --user/);
    const doctor = await runInProcess(['doctor', ...url, '--timeout', '500ms'], { env });
    assert.match(doctor.stdout, /cannot be asked: WRONGPASS .*\n +-> give --user/);
    for (const { stdout, stderr } of [watch, enable, doctor]) assert.doesNotMatch(stdout + stderr, /wr0ng/);
  });

  it('uses those of the Sentinels for them, and for nobody else', async () => {
    await sentinel.command('ACL', 'SETUSER', 'default', 'resetpass', '>sentinels');
    const passwordFile = file('sentinel-password', 'sentinels\n');
    await tryAll(url, 'sentinel', 2, { ...APP, KEYSPACE_SENTINEL_PASSWORD: 'sentinels' });
    await tryAll([...url, '--sentinel', '--sentinel-password-file', passwordFile], 'sentinel', 2, APP);
    await tryAll(url, 'sentinel', 2, { ...APP, ...GUEST });
    for (const env of [APP, { ...APP, KEYSPACE_SENTINEL_PASSWORD: 'wr0ng' }]) {
      const { code, stderr } = await runInProcess(['watch', ...url], { env });
      assert.deepEqual([code, /^Cannot connect to redis:\S+: WRONGPASS/.test(stderr)], [3, true], stderr);
      assert.doesNotMatch(stderr, /wr0ng/);
    }
    const elsewhere = ['doctor', '--url', servers.nodes[0].url];
    const wrong = { KEYSPACE_USER: 'app', KEYSPACE_PASSWORD: 'wr0ng', KEYSPACE_SENTINEL_PASSWORD: 'secret' };
    assert.equal((await runInProcess(elsewhere, { env: wrong })).code, 3);
  });
});

describe('keyspace, that is told what the servers are, or may not ask', function () {
  this.timeout(60_000);
  let cluster: TestCluster;
  let server: RedisServer;

  before(async () => {
    const binary = await findServer();
    [cluster, server] = await Promise.all([startCluster(binary), startStandalone(binary)]);
  });
  after(() => Promise.all([cluster.stop(), server.stop()]));

  it('is refused where they are not what they are told to be', async () => {
    await using servers = await startSentinel(await findServer(), { replicas: 0, sentinels: 1 });
    for (const [flag, { url }, text] of [
      ['--cluster', server, 'is no cluster'],
      ['--sentinel', server, 'is no Sentinel'],
      ['--sentinel', cluster.nodes[0], 'is no Sentinel'],
      ['--standalone', servers.sentinels[0], 'is a Sentinel']
    ] as const)
      for (const command of ['watch', 'doctor', 'enable', 'disable']) {
        const { code, stdout, stderr } = await runInProcess([command, flag, '--url', url]);
        assert.deepEqual([code, stdout, stderr.split('\n')[0]], [2, '', `${flag}: ${url} ${text}`]);
      }
  });

  it('finds a cluster by a user who has no more rights than a subscription needs', async () => {
    const rules = ['+cluster|nodes', '+cluster|slots', '+psubscribe', '+punsubscribe', '&__keyspace@0__:*'];
    await Promise.all(
      cluster.nodes.map(node => node.command('ACL', 'SETUSER', 'app', 'on', '>secret', '+@connection', ...rules))
    );
    const env = { KEYSPACE_USER: 'app', KEYSPACE_PASSWORD: 'secret' };
    const argv = ['watch', '*', '--db', '0', '--url', cluster.nodes[0].url, '--until', '100ms'];
    const { code, stdout, stderr } = await runInProcess(argv, { env });
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^Watching .*, cluster: /m);
  });

  it('tells what is wrong with a database, and tries the one that is meant', async () => {
    const wrong = await runInProcess(['watch', '--url', `${server.url}/99`, '--timeout', '300ms']);
    assert.equal(wrong.code, 3);
    assert.match(wrong.stderr, /DB index is out of range\n {2}-> the server has no such database/);
    const absent = await runInProcess(['doctor', '--url', server.url, '--db', '99']);
    assert.equal(absent.code, 1);
    assert.match(absent.stdout, /DB index is out of range\n +-> the server has no such database/);
    for (const argv of [['--db', '3'], []]) {
      const url = argv.length ? cluster.nodes[0].url : `${cluster.nodes[0].url}/3`;
      const { code, stderr } = await runInProcess(['doctor', '--url', url, ...argv]);
      assert.deepEqual([code, stderr], [2, 'database must be one that the servers have, got number 3\n']);
    }
    using watch = new CommandProcess(['watch', '--url', server.url, '--db', '3', '--until', '1']);
    await watch.says('Watching');
    assert.equal((await runInProcess(['doctor', '--url', server.url, '--db', '3,4'])).code, 0);
    assert.equal(await watch.code(), 0);
    assert.match(watch.stdout, /db3 +set +keyspace-doctor:/);
  });

  it('judges the command line, and connects to nobody, with a signal that is aborted already', async () => {
    await using silent = await FakeServer.start();
    const io = new FakeIo();
    io.controller.abort();
    assert.equal(await run(['watch', '--url', silent.url, '--until', 'soon'], io), 2);
    assert.equal(await run(['watch', '--url', silent.url, '--until', '1s'], io), 130);
    assert.equal(silent.accepted, 0);
  });
});
