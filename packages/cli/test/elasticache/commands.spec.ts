import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TerminalProcess } from '../support/terminal-process';
import { runCommand, type CommandOptions } from './command-run';
import { FakeElastiCache } from './fake-elasticache';

/** Where the SDK itself looks for credentials. */
const AWS = {
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_REGION: undefined,
  AWS_PROFILE: undefined,
  AWS_CONFIG_FILE: '/nonexistent',
  AWS_SHARED_CREDENTIALS_FILE: '/nonexistent'
};

function setEnvironment(values: Readonly<Record<string, string | undefined>>): () => void {
  const before = Object.keys(values).map(name => [name, process.env[name]] as const);
  const set = (name: string, value: string | undefined) => {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  };
  for (const [name, value] of Object.entries(values)) set(name, value);
  return () => before.forEach(([name, value]) => set(name, value));
}

describe('keyspace elasticache', () => {
  let fake: FakeElastiCache;
  let restore: () => void;
  beforeEach(async () => {
    restore = setEnvironment(AWS);
    fake = await FakeElastiCache.start();
  });
  afterEach(async () => {
    await fake.stop();
    restore();
  });

  const run = (argv: string, options?: CommandOptions) =>
    runCommand([...argv.split(' '), '--region', 'eu-central-1', '--endpoint-url', fake.url], options);
  const objects = (text: string) =>
    text
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line) as Record<string, unknown>);

  describe('enable', () => {
    it('tells the plan, each call, what it waits for, and the end', async () => {
      fake.account.addGroup('sessions', { engine: 'valkey', engineVersion: '8.1.0', clusterMode: true });
      const { exitCode, stdout } = await run('enable --cluster-id sessions --wait-interval 1ms');
      assert.equal(exitCode, 0);
      const where = `--region eu-central-1 --endpoint-url ${fake.url}`;
      assert.deepEqual(stdout.trimEnd().split('\n'), [
        'sessions: replication group, cluster mode on, valkey 8.1.0, 2 nodes',
        'notify-keyspace-events in sessions-keyspace: "" -> "KEA"',
        '  aws elasticache create-cache-parameter-group --cache-parameter-group-name sessions-keyspace ' +
          "--cache-parameter-group-family valkey8 --description 'default.valkey8.cluster.on with keyspace " +
          `notifications, for sessions' ${where}`,
        '  aws elasticache modify-cache-parameter-group --cache-parameter-group-name sessions-keyspace ' +
          '--parameter-name-values ParameterName=cluster-enabled,ParameterValue=yes ' +
          `ParameterName=notify-keyspace-events,ParameterValue=KEA ${where}`,
        '  aws elasticache modify-replication-group --replication-group-id sessions ' +
          `--cache-parameter-group-name sessions-keyspace --apply-immediately ${where}`,
        '  modifying',
        '  in-sync',
        'Every node has applied it.'
      ]);
      assert.ok(fake.requests.every(({ region }) => region === 'eu-central-1'));
    });

    it('makes no call with --dry-run, and prints those that it would make', async () => {
      fake.account.addCluster('single');
      const { stdout, exitCode } = await run('enable --cluster-id single --dry-run --events K$x --json');
      assert.equal(exitCode, 0);
      const [plan, ...calls] = objects(stdout);
      assert.deepEqual(plan, {
        type: 'plan',
        id: 'single',
        kind: 'cache-cluster',
        engine: 'redis',
        engineVersion: '7.1.0',
        clusterMode: false,
        parameterGroup: 'single-keyspace',
        before: '',
        after: 'K$x',
        sharedWith: [],
        dryRun: true
      });
      assert.deepEqual(
        calls.map(({ type, operation }) => [type, operation]),
        [
          ['call', 'CreateCacheParameterGroup'],
          ['call', 'ModifyCacheParameterGroup'],
          ['call', 'ModifyCacheCluster']
        ]
      );
      assert.deepEqual(fake.changes, []);
    });

    it('looks a host up, and warns of others with the same group', async () => {
      fake.account.parameterGroups.create('ours', 'redis7');
      fake.account.addCluster('first', { parameterGroup: 'ours' });
      fake.account.addCluster('second', { parameterGroup: 'ours' });
      const { stdout } = await run('enable --host first.abc123.0001.use1.cache.amazonaws.com --no-wait');
      assert.match(stdout, /^Others have this parameter group too: second$/m);
      assert.match(stdout, /^Not waited for: /m);
    });

    it('takes every option from the environment too', async () => {
      fake.account.addCluster('single');
      const env = {
        KEYSPACE_CLUSTER_ID: 'single',
        KEYSPACE_REGION: 'us-west-2',
        KEYSPACE_ENDPOINT_URL: fake.url,
        KEYSPACE_EVENTS: 'Ex',
        KEYSPACE_PARAMETER_GROUP_NAME: 'theirs',
        KEYSPACE_NO_WAIT: '1',
        KEYSPACE_JSON: '1'
      };
      const { stdout } = await runCommand(['enable'], { env });
      assert.deepEqual(objects(stdout).at(-1), {
        type: 'result',
        id: 'single',
        parameterGroup: 'theirs',
        value: 'Ex',
        applied: 'not-waited'
      });
      assert.equal(fake.requests[0].region, 'us-west-2');
    });

    it('ends with 1 when a reboot is wanted', async () => {
      fake.account.outcome = 'pending-reboot';
      fake.account.addCluster('single');
      const { exitCode, stdout } = await run('enable --cluster-id single --wait-interval 1ms');
      assert.equal(exitCode, 1);
      assert.match(stdout, /waits for a reboot/);
    });

    it('ends with 130 when it is interrupted, which takes nothing back', async () => {
      const cluster = fake.account.addCluster('single');
      const controller = new AbortController();
      const { exitCode } = await run('enable --cluster-id single', {
        signal: controller.signal,
        onOutput: text => text.includes('modify-cache-cluster') && setTimeout(() => controller.abort(), 50)
      });
      assert.equal(exitCode, 130);
      assert.equal(cluster.status, 'modifying');
    });

    it('ends with 130 when it is interrupted between two calls, and takes the copy back', async () => {
      const cluster = fake.account.addCluster('single');
      const controller = new AbortController();
      const { exitCode, stdout } = await run('enable --cluster-id single', {
        signal: controller.signal,
        onOutput: text => text.includes('modify-cache-parameter-group') && controller.abort()
      });
      assert.equal(exitCode, 130);
      assert.match(stdout, /delete-cache-parameter-group --cache-parameter-group-name single-keyspace .*\n$/);
      assert.equal(cluster.status, 'available');
      assert.ok(!fake.account.parameterGroups.names.includes('single-keyspace'));
    });

    it('ends with 130 when it is interrupted while AWS does not answer', async () => {
      const silent = createServer().listen(0, '127.0.0.1');
      try {
        await once(silent, 'listening');
        const controller = new AbortController();
        silent.on('connection', () => controller.abort());
        const { port } = silent.address() as AddressInfo;
        const argv = ['enable', '--cluster-id', 'a', '--region', 'x', '--endpoint-url', `http://127.0.0.1:${port}`];
        assert.equal((await runCommand(argv, { signal: controller.signal })).exitCode, 130);
      } finally {
        silent.close();
      }
    });

    it('reads credentials and region of a profile', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'profile-'));
      const [config, credentials] = [join(folder, 'config'), join(folder, 'credentials')];
      writeFileSync(config, '[profile ops]\nregion = ap-south-1\n');
      writeFileSync(credentials, '[ops]\naws_access_key_id = ops\naws_secret_access_key = ops\n');
      const undo = setEnvironment({
        AWS_ACCESS_KEY_ID: undefined,
        AWS_SECRET_ACCESS_KEY: undefined,
        AWS_CONFIG_FILE: config,
        AWS_SHARED_CREDENTIALS_FILE: credentials
      });
      try {
        fake.account.addCluster('single');
        const argv = ['enable', '--cluster-id', 'single', '--profile', 'ops', '--endpoint-url', fake.url, '--dry-run'];
        const { exitCode, stdout } = await runCommand(argv);
        assert.equal(exitCode, 0);
        assert.equal(fake.requests[0].region, 'ap-south-1');
        assert.match(stdout, new RegExp(`modify-cache-cluster .* --profile ops --endpoint-url ${fake.url}\\n`));
      } finally {
        undo();
        rmSync(folder, { recursive: true, force: true });
      }
    });
  });

  describe('verify', () => {
    it('ends with 0 when notifications are on and come', async () => {
      fake.account.parameterGroups.create('on', 'redis7', { 'notify-keyspace-events': 'KEA' });
      const endpoint = { host: '127.0.0.1', port: Number(new URL(fake.url).port) };
      fake.account.addCluster('single', { parameterGroup: 'on', endpoint });
      const selfTest = (url: string) => Promise.resolve({ passed: true, details: [`heard set from ${url}`] });
      const { exitCode, stdout } = await run('verify --cluster-id single', { selfTest });
      assert.equal(exitCode, 0);
      assert.match(stdout, /: "KEA"\napplied: in-sync\n {2}heard set from redis:\/\/127.*\nself-test: passed\n$/);
    });

    it('ends with 1 and the remedy when they are off', async () => {
      fake.account.addCluster('single');
      const { exitCode, stdout } = await run('verify --cluster-id single');
      assert.equal(exitCode, 1);
      assert.match(stdout, /nothing is said\n {2}keyspace elasticache enable --cluster-id single\n$/);
    });

    it('tells findings as objects', async () => {
      fake.account.addCluster('single');
      const [report, finding] = objects((await run('verify --cluster-id single --json')).stdout);
      assert.deepEqual([report.type, report.value, report.selfTest], ['report', '', 'skipped']);
      assert.deepEqual([finding.type, finding.code], ['finding', 'off']);
    });

    it('connects to nobody with --no-self-test', async () => {
      fake.account.parameterGroups.create('on', 'redis7', { 'notify-keyspace-events': 'KEA' });
      fake.account.addCluster('single', { parameterGroup: 'on' });
      const selfTest = () => Promise.reject(new Error('was called'));
      const { stdout } = await run('verify --cluster-id single --no-self-test', { selfTest });
      assert.match(stdout, /self-test: left out: keyspace doctor --url redis:\/\/single/);
    });
  });

  describe('provision', () => {
    const ANSWERS: [typed: string, group: string][] = [
      ['\n', 'fresh-keyspace'],
      ['maybe\ny\n', 'fresh-keyspace'],
      ['n\n', 'default.valkey9']
    ];
    for (const [typed, group] of ANSWERS) {
      it(`asks, and takes ${JSON.stringify(typed)} to mean ${group}`, async () => {
        const { stdout, stderr } = await run('provision --cluster-id fresh', { isTTY: true, typed });
        assert.match(stderr, /Enable keyspace notifications\? \(Y\/n\)/);
        assert.ok(stdout.includes(`notify-keyspace-events in ${group}: `), stdout);
        assert.equal(fake.account.membersOf(fake.account.group('fresh'))[0].parameterGroup, group);
      });
    }

    it('makes nothing when the question gets no answer', async () => {
      const { exitCode } = await run('provision --cluster-id fresh', { isTTY: true, typed: '' });
      assert.deepEqual([exitCode, fake.changes], [130, []]);
    });

    it('asks on a real terminal, where Ctrl-C is an answer too', async () => {
      const argv = ['elasticache', 'provision', '--cluster-id', 'fresh', '--region', 'x', '--endpoint-url', fake.url];
      for (const [typed, code, said] of [
        ['n\r', 0, /notify-keyspace-events in default\.valkey9: ""/],
        ['\u0003', 130, /Interrupted\./]
      ] as const) {
        using terminal = new TerminalProcess([...argv, '--dry-run'], { NODE_NO_WARNINGS: '1' });
        await terminal.says('Enable keyspace notifications? (Y/n) ');
        terminal.type(typed);
        await terminal.says(said);
        assert.equal(await terminal.code(), code, terminal.output);
      }
    });

    for (const option of ['--enable-notifications', '--auto']) {
      it(`asks nothing with ${option}, and waits with --wait`, async () => {
        const { exitCode, stdout, stderr } = await run(
          `provision --cluster-id fresh ${option} --wait --wait-interval 1ms --num-node-groups 2 --replicas 0`
        );
        assert.deepEqual([exitCode, stderr], [0, '']);
        assert.match(stdout, /Available: rediss:\/\/fresh\.abc123\.clustercfg\.use1\.cache\.amazonaws\.com:6379\n$/);
      });
    }

    it('makes nothing with --dry-run', async () => {
      const { stdout } = await run('provision --cluster-id fresh --auto --dry-run --engine redis --no-tls');
      assert.match(
        stdout,
        /create-replication-group .* --engine redis --engine-version 7\.1 .*--no-transit-encryption/
      );
      assert.deepEqual(fake.changes, []);
    });
  });

  const WRONG: [argv: string, quoted: RegExp][] = [
    ['enable', /Give --cluster-id or --host/],
    ['enable --cluster-id a --host b', /--cluster-id and --host cannot be given together/],
    ['enable --cluster-id a --events KEQ', /--events "KEQ": .*"Q" is not one of/],
    ['enable --cluster-id a --events x', /--events "x": .*it needs K or E/],
    ['enable --cluster-id a --parameter-group-name default.redis7', /--parameter-group-name "default\.redis7"/],
    ['enable --cluster-id a --wait-timeout 5', /--wait-timeout "5": must be a time/],
    ['enable --cluster-id a --wait-interval soon', /--wait-interval "soon": must be a time/],
    ['verify --cluster-id a --events KE', /--events "KE"/],
    ['verify --host ://', /--host ":\/\/" is no host name/],
    ['verify --host redis://me:secret@', /--host "redis:\/\/me:\*\*\*@" is no host name/],
    ['provision --cluster-id a --no-enable-notifications --events Ex', /--events makes no sense without/],
    [
      'provision --cluster-id a --no-enable-notifications --parameter-group-name b',
      /--parameter-group-name makes no sense without/
    ],
    ['provision --auto', /Give --cluster-id/],
    ['provision --cluster-id a_b --auto', /--cluster-id "a_b"/],
    ['provision --cluster-id a', /Nobody can be asked/],
    ['provision --cluster-id a --auto --engine memcached', /--engine "memcached": must be valkey or redis/],
    ['provision --cluster-id a --auto --engine-version new', /--engine-version "new"/],
    ['provision --cluster-id a --auto --num-node-groups two', /--num-node-groups "two": must be a whole number/],
    ['provision --cluster-id a --auto --num-node-groups 0', /--num-node-groups 0: 1 to 500/],
    ['provision --cluster-id a --auto --replicas 6', /--replicas 6: 0 to 5/]
  ];
  for (const [argv, quoted] of WRONG) {
    it(`refuses "${argv}" with 2, and changes nothing`, async () => {
      const { exitCode, stderr } = await run(argv);
      assert.equal(exitCode, 2, stderr);
      assert.match(stderr, quoted);
      assert.deepEqual(fake.changes, []);
    });
  }

  it('refuses an environment that contradicts itself', async () => {
    const env = { KEYSPACE_ENABLE_NOTIFICATIONS: '1', KEYSPACE_NO_ENABLE_NOTIFICATIONS: 'yes' };
    const { exitCode, stderr } = await run('provision --cluster-id a', { env });
    assert.equal(exitCode, 2);
    assert.match(stderr, /contradict each other/);
  });

  it('refuses an endpoint that is no URL', async () => {
    const { exitCode, stderr } = await runCommand(['verify', '--cluster-id', 'a', '--endpoint-url', 'here']);
    assert.deepEqual([exitCode, stderr], [2, '--endpoint-url "here": must be a URL with http or https']);
  });

  it('asks for a region when there is none', async () => {
    const { exitCode, stderr } = await runCommand(['verify', '--cluster-id', 'a']);
    assert.equal(exitCode, 2);
    assert.match(stderr, /^No region is given\. Give --region/);
  });

  const REFUSED: [code: string, status: number, exitCode: number, said: RegExp][] = [
    ['AccessDenied', 403, 1, /Allow the action elasticache:DescribeReplicationGroups for these credentials\.$/],
    ['InvalidClientTokenId', 403, 3, /Give credentials as for the AWS CLI/],
    ['InternalFailure', 500, 3, /Check the network/]
  ];
  for (const [code, status, exitCode, said] of REFUSED) {
    it(`ends with ${exitCode} when AWS says ${code}`, async () => {
      fake.fail('DescribeReplicationGroups', code, 'No.', { status });
      const result = await run('enable --cluster-id a');
      assert.equal(result.exitCode, exitCode);
      assert.match(result.stderr, said);
    });
  }

  it('ends with 1 and the reason for a serverless cache', async () => {
    fake.account.serverless.push({ name: 'cloudy', host: 'cloudy' });
    const { exitCode, stderr } = await run('enable --cluster-id cloudy');
    assert.equal(exitCode, 1);
    assert.match(stderr, /cloudy is serverless: it has no parameter group.*provision/);
  });

  it('has examples in the help of each command', async () => {
    for (const name of ['enable', 'verify', 'provision'])
      assert.match((await runCommand([name, '--help'])).stdout, new RegExp(`\\$ keyspace elasticache ${name} `));
  });
});
