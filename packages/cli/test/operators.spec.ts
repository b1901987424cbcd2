import assert from 'node:assert/strict';
import {
  FakeServer,
  NO_REPLY,
  findServer,
  matrix,
  startCluster,
  startStandalone,
  waitFor,
  type ClusterNode,
  type RedisServer,
  type TestCluster
} from '@redis-keyspace/test-utils';
import { CommandProcess } from './support/command-process';
import { runInProcess } from './support/fake-io';

interface Told {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Within this process, which is ten times as fast. */
function keyspace(argv: readonly string[], env: Record<string, string> = {}): Promise<Told> {
  return runInProcess(argv, { env });
}

async function keyspaceProcess(argv: readonly string[]): Promise<Told> {
  using command = new CommandProcess(argv);
  const code = await command.code();
  return { code, stdout: command.stdout, stderr: command.stderr };
}

interface Finding {
  readonly level: string;
  readonly check: string;
  readonly node?: string;
  readonly message: string;
  readonly remedy?: string;
  readonly details: Readonly<Record<string, unknown>>;
}

function records(text: string, type: string): Record<string, unknown>[] {
  const lines = text.split('\n').filter(Boolean);
  return lines.map(line => JSON.parse(line) as Record<string, unknown>).filter(record => record.type === type);
}

async function doctor(argv: readonly string[], env?: Record<string, string>) {
  const told = await keyspace(['doctor', '--json', ...argv], env);
  assert.equal(told.stderr, '');
  const findings = records(told.stdout, 'finding') as unknown as Finding[];
  const of = (check: string, level?: string) =>
    findings.filter(finding => finding.check === check && (level === undefined || finding.level === level));
  return { ...told, findings, of, problems: findings.filter(({ level }) => level === 'problem') };
}

async function flagsOf(server: RedisServer): Promise<string> {
  const [, flags] = (await server.command('CONFIG', 'GET', 'notify-keyspace-events')) as string[];
  return flags;
}

function setFlags(servers: readonly RedisServer[], flags: string): Promise<unknown> {
  return Promise.all(servers.map(server => server.command('CONFIG', 'SET', 'notify-keyspace-events', flags)));
}

matrix('keyspace for operators, on a single server', binary => {
  let server: RedisServer;
  let url: string[];

  before(async () => {
    server = await startStandalone(binary, { config: { 'notify-keyspace-events': '' } });
    url = ['--url', server.url];
  });
  after(() => server.stop());

  it('finds what is off, is told what is enabled, and then proves it; nothing is left behind', async () => {
    const before = await doctor(url);
    assert.equal(before.code, 1);
    assert.match(before.of('notifications', 'problem')[0].message, /is "" and lacks "AKE"/);
    assert.match(before.of('notifications')[0].remedy!, /keyspace enable --events AKE/);
    assert.match(before.of('self-test', 'problem')[0].message, /did not say set, expire, del and expired, neither/);

    const dry = await keyspace(['enable', ...url, '--dry-run']);
    assert.deepEqual([dry.code, await flagsOf(server)], [0, '']);
    assert.match(dry.stdout, /"" -> "AKE" +would be set/);

    const enabled = await keyspace(['enable', ...url]);
    assert.deepEqual([enabled.code, await flagsOf(server)], [0, 'AKE']);
    assert.match(enabled.stdout, new RegExp(`^${server.address} +primary +"" -> "AKE" +set\n`));
    assert.match((await keyspace(['enable', ...url])).stdout, /nothing to do/);

    const after = await doctor(url);
    assert.equal(after.code, 0, after.stdout);
    const { message, details } = after.of('self-test')[0];
    assert.match(message, /said set, expire, del and expired, each by key and by event/);
    assert.equal((details.heard as string[]).length, 8);
    assert.equal(await server.command('EXISTS', String(details.key)), 0);
    assert.equal(await server.command('DBSIZE'), 0);
    assert.match(after.of('versions')[0].message, new RegExp(`^${binary.label}`));
  });

  it('adds what is missing and keeps what is on, and disable takes all away', async () => {
    await setFlags([server], 'Elx');
    const minimal = await keyspace(['enable', ...url, 'user:*', '--event', 'set', '--json']);
    assert.equal(minimal.code, 0);
    assert.deepEqual([...(await flagsOf(server))].sort(), [...'$KElx'].sort());
    const [node] = records(minimal.stdout, 'node');
    assert.deepEqual([node.before, node.wanted, node.changed, node.dryRun], ['lxE', '$K', true, false]);
    assert.equal((await keyspace(['disable', ...url, '--dry-run'])).code, 0);
    assert.notEqual(await flagsOf(server), '');
    assert.equal((await keyspace(['disable', ...url])).code, 0);
    assert.equal(await flagsOf(server), '');
  });

  it('keeps the setting over a restart with --persist', async () => {
    const { code, stdout } = await keyspace(['enable', ...url, '--events', 'Kg', '--persist']);
    assert.equal(code, 0, stdout);
    assert.match(stdout, /set, and saved/);
    await server.restart();
    assert.equal(await flagsOf(server), 'gK');
  });

  it('names the letters that this version does not know, and sets the others', async () => {
    const { code, stdout } = await keyspace(['enable', ...url, '--events', 'KEAm$STIV']);
    if (binary.supports('subkeys')) return assert.equal(code, 0);
    assert.equal(code, 1);
    assert.equal(await flagsOf(server), 'AKEm');
    assert.match(stdout, new RegExp(`FAILED it lacks "STIV"\n.*${binary.label} does not know "STIV"`));
  });

  it('takes --subkeys for the letters of fields alone', async () => {
    await setFlags([server], '');
    const { code, stdout } = await keyspace(['enable', ...url, '--subkeys']);
    if (binary.supports('subkeys'))
      return assert.deepEqual([code, [...(await flagsOf(server))].sort()], [0, [...'STh']]);
    assert.equal(code, 1);
    assert.match(stdout, new RegExp(`FAILED it lacks "ST"\n.*${binary.label} does not know "ST"`));
  });

  it('is about the patterns and events that are named, and tells what is on for nobody', async () => {
    await setFlags([server], 'KEA');
    const { code, stdout, of } = await doctor([...url, 'user:*', '--event', 'set,del']);
    assert.equal(code, 0, stdout);
    const [{ required, channels }] = records(stdout, 'servers');
    assert.deepEqual([required, (channels as { rule: string }[])[0].rule], ['g$K', '&__keyspace@0__:user:*']);
    assert.match(of('cost')[1].message, /"lshzxet" is on and not needed/);
    assert.equal(of('expiry').length, 0);
  });

  it('is told by a user who may not ask, refused by CONFIG, and still proves delivery', async () => {
    await setFlags([server], 'KEA');
    await server.command('ACL', 'SETUSER', 'app', 'on', '>secret', '~*', '&*', '+@all', '-config');
    const env = { KEYSPACE_USER: 'app', KEYSPACE_PASSWORD: 'secret' };
    const { code, of, stdout } = await doctor(url, env);
    assert.equal(code, 0, stdout);
    assert.match(of('notifications', 'warning')[0].message, /does not tell what is on: NOPERM/);
    assert.match(of('notifications')[0].remedy!, /\+config\|get and \+config\|set.*parameter group/);
    assert.match(of('access', 'warning')[0].remedy!, /^ACL SETUSER app '\+config\|get'/);
    assert.equal(of('self-test', 'ok').length, 1);

    const enable = await keyspace(['enable', ...url], env);
    assert.equal(enable.code, 1);
    assert.match(enable.stdout, /FAILED NOPERM.*\n +-> grant this user \+config\|get/);
    await setFlags([server], '');
    const silent = await doctor(url, env);
    assert.deepEqual([silent.code, silent.problems.map(({ check }) => check)], [1, ['self-test']]);
  });

  it('tells the rules for exactly the channels and commands that are refused, and they suffice', async () => {
    await setFlags([server], 'KEA');
    await server.command('ACL', 'SETUSER', 'bare', 'reset', 'on', '>secret', '+@connection', '+info');
    const env = { KEYSPACE_USER: 'bare', KEYSPACE_PASSWORD: 'secret' };
    const argv = [...url, 'user:*', '--probe-prefix', 'user:probe:'];
    const { code, of } = await doctor(argv, env);
    assert.equal(code, 1);
    const [{ details, remedy }] = of('access', 'problem');
    assert.deepEqual(details.rules, ['+psubscribe', '+punsubscribe', '&__keyspace@0__:user:*']);
    assert.equal(remedy, "ACL SETUSER bare +psubscribe +punsubscribe '&__keyspace@0__:user:*'");
    assert.match(of('subscription', 'problem')[0].message, /NOPERM/);

    await server.command('ACL', 'SETUSER', 'bare', ...details.rules);
    const granted = await doctor([...url, 'user:*', '--no-write'], env);
    assert.equal(granted.code, 0, granted.stdout);
    assert.deepEqual(granted.of('self-test')[0].message, 'left out: --no-write');

    await server.command('ACL', 'SETUSER', 'bare', '+subscribe', '+unsubscribe');
    const noKeys = await doctor(argv, env);
    assert.match(noKeys.of('self-test', 'warning')[0].remedy!, /'~user:probe:\*'/);
    await server.command('ACL', 'SETUSER', 'bare', '+set', '+expire', '+del', '+exists', '~user:probe:*');
    const proved = await doctor(argv, env);
    assert.equal(proved.of('self-test', 'ok').length, 1, proved.stdout);
    await server.command('ACL', 'SETUSER', 'bare', '~*');
    const elsewhere = await doctor([...url, 'user:*'], env);
    assert.match(elsewhere.of('self-test', 'warning')[0].remedy!, /'&__keyspace@0__:keyspace-doctor:\*'/);
  });
});

describe('keyspace doctor, of a server that is not as it should be', function () {
  this.timeout(60_000);

  it('sees a low limit, many keys that expire, a replica, and a server that hides CONFIG', async () => {
    const binary = await findServer();
    await using server = await startStandalone(binary, {
      config: {
        'client-output-buffer-limit': 'pubsub 1mb 512kb 60',
        'rename-command': 'CONFIG ""'
      }
    });
    await server.command('DEBUG', 'SET-ACTIVE-EXPIRE', '0');
    await server.command('EVAL', 'for i = 1, 12000 do redis.call("SET", "k" .. i, "v", "EX", 1000) end', 0);
    await using replica = await startStandalone(binary, { config: { replicaof: `${server.host} ${server.port}` } });

    const { of, stdout } = await doctor(['--url', server.url]);
    assert.match(of('notifications', 'warning')[0].message, /unknown command 'CONFIG'/i);
    assert.match(of('expiry', 'warning')[0].message, /12,000 keys have a time: "expired" can come late/);
    assert.equal(of('self-test', 'ok').length, 1, stdout);
    const enable = await keyspace(['enable', '--url', server.url]);
    assert.match(enable.stdout, /FAILED ERR unknown command 'CONFIG'[^]*redis\.conf/);

    await replica.command('CONFIG', 'SET', 'client-output-buffer-limit', 'pubsub 1048576 524288 60');
    const asked = await doctor(['--url', replica.url, '--no-write']);
    assert.match(asked.of('nodes', 'warning')[0].message, /is a replica: it says "del"/);
    assert.match(asked.of('nodes', 'warning')[0].remedy!, new RegExp(`primary, ${server.address}$`));
    assert.match(asked.of('buffers', 'warning')[0].message, /1,048,576|1 MB/);
  });

  it('cannot connect to one that hangs, and does not wait for ever', async () => {
    await using server = await startStandalone(await findServer());
    await server.hang();
    const { code, stderr } = await keyspace(['doctor', '--url', server.url, '--timeout', '300ms']);
    assert.deepEqual([code, stderr], [3, `Cannot connect to ${server.url}: no answer within 300 ms\n`]);
  });

  it('is ended at once by Ctrl-C, though nobody answers', async () => {
    await using silent = await FakeServer.start({ onCommand: () => NO_REPLY });
    for (const command of ['watch', 'doctor', 'enable']) {
      using process = new CommandProcess([command, '--url', silent.url, '--timeout', '1h']);
      const before = silent.accepted;
      await waitFor('a connection', () => silent.accepted > before);
      await silent.waitForCommand('HELLO');
      assert.deepEqual([await process.end('SIGINT'), process.output], [130, 'Interrupted.\n']);
    }
  });
});

describe('keyspace for operators, on 3 primaries and 3 replicas', function () {
  this.timeout(90_000);
  let cluster: TestCluster;
  let url: string[];

  before(async () => {
    cluster = await startCluster(await findServer(), { replicas: 1 });
    url = ['--url', cluster.rootNodes[0].url];
  });
  after(() => cluster.stop());

  it('finds the one node that is silent, enables every node, and proves delivery from every primary', async () => {
    await setFlags(cluster.nodes, 'KEA');
    const [silent] = await cluster.replicas();
    await setFlags([silent], '');
    const { code, of } = await doctor(url);
    assert.equal(code, 1);
    assert.deepEqual(
      of('notifications', 'problem').map(({ node }) => node),
      [silent.address]
    );
    assert.equal(of('self-test', 'ok').length, 3);

    await setFlags(cluster.nodes, '');
    const enabled = await keyspaceProcess(['enable', ...url]);
    assert.equal(enabled.code, 0, enabled.stdout);
    assert.match(enabled.stdout, /6 nodes: 6 changed\.\n$/);
    assert.deepEqual(await Promise.all(cluster.nodes.map(flagsOf)), new Array(6).fill('AKE'));

    const healthy = await keyspaceProcess(['doctor', ...url]);
    assert.equal(healthy.code, 0, healthy.stdout);
    assert.match(healthy.stdout, /: a cluster of 3 primaries and 3 replicas\n/);
    assert.match(healthy.stdout, /all 6 nodes: notify-keyspace-events is "AKE", needed is "AKE"/);
    assert.match(healthy.stdout, /all 3 primaries: said set, expire, del and expired, each by key and by event/);
    assert.match(healthy.stdout, /No problem\.\n$/);
    const sizes = await Promise.all(cluster.nodes.map(node => node.command('DBSIZE')));
    assert.deepEqual(sizes, new Array(6).fill(0));
  });

  it('tells the rights of a user, who may differ from node to node', async () => {
    const rights = ['on', '>secret', '~*', '+@all', 'resetchannels'];
    await Promise.all(cluster.nodes.map(node => node.command('ACL', 'SETUSER', 'app', ...rights, '&__keyspace@0__:*')));
    const [, second] = await cluster.primaries();
    await second.command('ACL', 'SETUSER', 'app', 'resetchannels');
    const env = { KEYSPACE_USER: 'app', KEYSPACE_PASSWORD: 'secret' };
    const { code, of } = await doctor([...url, '*', '--no-write'], env);
    assert.equal(code, 1);
    assert.deepEqual(
      of('access', 'problem').map(({ node, details }) => [node, details.rules]),
      [[second.address, ['&__keyspace@0__:*']]]
    );
    assert.match(of('access', 'problem')[0].remedy!, /, on every node$/);
    assert.match(of('access', 'warning')[0].message, /SSUBSCRIBE __keyspace@0__:\{…\}/);
    assert.match(of('subscription', 'problem')[0].message, new RegExp(`${second.address} refused`));
  });

  it('names the node that is off, does the rest, and ends with 1', async () => {
    const [dead] = await cluster.replicas();
    await cluster.kill(dead);
    await setFlags(cluster.nodes.filter(isAlive), '');
    // The dead one comes first: the next is asked.
    const urls = ['--url', dead.url, ...url];
    const enabled = await keyspaceProcess(['enable', ...urls]);
    assert.equal(enabled.code, 1);
    assert.match(enabled.stdout, new RegExp(`${dead.address} +replica +FAILED cannot be reached: .*ECONNREFUSED`));
    assert.match(enabled.stdout, /6 nodes: 5 changed, 1 failed\.\n$/);
    const examined = await doctor(urls);
    assert.equal(examined.code, 1);
    assert.deepEqual(
      examined.problems.map(({ check, node }) => [check, node]),
      [['nodes', dead.address]]
    );
    assert.equal(examined.of('self-test', 'ok').length, 3);
    assert.equal(examined.of('notifications', 'ok').length, 5);
  });

  it('names a primary that is off, whose slots nobody serves, and still proves the others', async () => {
    const [first] = await cluster.primaries();
    // Without its replica nobody takes over.
    const own = (await cluster.replicas(first)).filter(isAlive);
    await Promise.all([...own, first].map(node => cluster.kill(node)));
    const [other] = (await cluster.primaries()).filter(isAlive);
    const { code, of, problems } = await doctor(['--url', other.url, '--timeout', '1s']);
    assert.equal(code, 1);
    const gone = cluster.nodes.filter(node => !isAlive(node)).map(({ address }) => address);
    assert.deepEqual(
      problems
        .filter(({ check }) => check === 'nodes')
        .map(({ node }) => node)
        .sort(),
      gone.sort()
    );
    assert.equal(of('subscription', 'problem').length, 1);
    assert.ok(of('self-test').length === 2, JSON.stringify(of('self-test')));
    using watch = new CommandProcess(['watch', '--url', other.url, '--timeout', '1s']);
    assert.equal(await watch.code(), 3, watch.output);
  });
});

function isAlive(node: ClusterNode): boolean {
  return node.isRunning;
}
