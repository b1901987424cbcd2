import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInProcess } from '../test/support/fake-io';

const NOWHERE = ['--url', 'redis://127.0.0.1:1'];
const COMMANDS = ['watch', 'doctor', 'enable', 'disable'];

describe('the command line', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cli-spec-'));
  const empty = join(folder, 'empty');
  writeFileSync(empty, '\n');
  const absent = join(folder, 'absent');
  after(() => rmSync(folder, { recursive: true }));

  /** Options that every command has, each with values that make no sense, and what the message quotes. */
  const OF_ALL: [option: string, value: string, quoted: string][] = [
    ['--url', 'localhost:6379', '"localhost:6379"'],
    ['--url', 'http://a', '"http://a"'],
    ['--url', 'redis://', '"redis://"'],
    ['--url', 'redis://a/b', '"b"'],
    ['--url', 'redis://a/0?tls=1', '"?tls=1"'],
    ['--url', 'redis://%zz@a', 'no escape'],
    ['--sentinel-name', '', '--sentinel-name ""'],
    ['--user', '', '--user ""'],
    ['--password-file', absent, 'ENOENT'],
    ['--password-file', empty, 'first line is empty'],
    ['--sentinel-user', '', '--sentinel-user ""'],
    ['--sentinel-password-file', absent, 'ENOENT'],
    ['--tls-ca', absent, 'ENOENT'],
    ['--tls-cert', absent, 'ENOENT'],
    ['--tls-cert', empty, '--tls-key'],
    ['--tls-key', absent, 'ENOENT'],
    ['--tls-key', empty, '--tls-cert'],
    ['--tls-server-name', '', '--tls-server-name ""'],
    ['--timeout', '5', '"5"'],
    ['--timeout', '0s', '"0s"'],
    ['--timeout', '30d', '"30d"']
  ];
  const OF_INTEREST: typeof OF_ALL = [
    ['--event', '', '--event ""'],
    ['--event', 'set,,del', '--event ""']
  ];
  const OF_DATABASES: typeof OF_ALL = [
    ['--db', '-1', '"-1"'],
    ['--db', '1.5', '"1.5"'],
    ['--db', '0,all', 'all cannot be given with others']
  ];
  const OWN: Record<string, typeof OF_ALL> = {
    watch: [
      ...OF_INTEREST,
      ...OF_DATABASES,
      ['--interval', '2s', 'needs --rate'],
      ['--until', '0', '"0"'],
      ['--until', '-5', '"-5"'],
      ['--until', 'soon', '"soon"'],
      ['--output', '', '--output ""'],
      ['--output', join(absent, 'file'), 'ENOENT']
    ],
    doctor: [
      ...OF_INTEREST,
      ...OF_DATABASES,
      ['--probe-prefix', 'a{b}', '"a{b}"'],
      ['--probe-prefix', '', '--probe-prefix ""']
    ],
    enable: [
      ...OF_INTEREST,
      ['--events', 'KEQ', '"KEQ"'],
      ['--events', 'x', '"x"'],
      ['--events', 'KE', '"KE"'],
      ['--events', 'minimal', 'for what?']
    ],
    disable: []
  };

  for (const command of COMMANDS) {
    for (const [option, value, quoted] of [...OF_ALL, ...OWN[command]]) {
      it(`refuses ${command} ${option} ${JSON.stringify(value.replace(folder, '…'))}`, async () => {
        const { code, stdout, stderr } = await runInProcess([command, ...NOWHERE, `${option}=${value}`]);
        assert.deepEqual([code, stdout], [2, ''], stderr);
        assert.ok(stderr.includes(quoted), stderr);
        assert.match(stderr, /Try: keyspace --help\n$/);
      });
    }

    it(`is tried with every option of ${command} that has a value`, async () => {
      const { stdout } = await runInProcess([command, '--help']);
      const options = [...stdout.matchAll(/^ +(--[\w-]+) </gm)].map(([, option]) => option);
      const tried = new Set([...OF_ALL, ...OWN[command]].map(([option]) => option));
      assert.ok(options.length > 10);
      assert.deepEqual(
        options.filter(option => !tried.has(option)),
        []
      );
    });

    it(`is a variable too, for every option of ${command}`, async () => {
      for (const [option, value, quoted] of [...OF_ALL, ...OWN[command]]) {
        if (value === '' || value === '-1' || option === '--interval') continue;
        const name = `KEYSPACE_${option.slice(2).toUpperCase().replaceAll('-', '_')}`;
        const { code, stderr } = await runInProcess([command], { env: { [name]: value } });
        assert.equal(code, 2, `${name}=${value}`);
        assert.ok(stderr.includes(quoted.replace(option, name)), stderr);
      }
    });

    it(`has switches of ${command} that are on or off in the environment`, async () => {
      const { stdout } = await runInProcess([command, '--help']);
      const switches = [...stdout.matchAll(/^ +--([\w-]+)(?: {2}|\n)/gm)].map(([, option]) => option);
      assert.ok(switches.includes('json') && switches.includes('cluster'));
      for (const option of switches) {
        const name = `KEYSPACE_${option.toUpperCase().replaceAll('-', '_')}`;
        const { code, stderr } = await runInProcess([command, ...NOWHERE], { env: { [name]: 'perhaps' } });
        assert.deepEqual([code, stderr.split('\n')[0]], [2, `${name} "perhaps": must be 1 or 0`]);
      }
    });
  }

  const CONTRADICTIONS: [argv: string[], quoted: string][] = [
    [['--cluster', '--sentinel'], '--cluster and --sentinel'],
    [['--standalone', '--cluster'], '--standalone and --cluster'],
    [['--cluster', '--sentinel-name', 'main'], '"main"'],
    [['--tls-insecure', '--tls-ca', empty], '--tls-insecure and --tls-ca'],
    [['--until'], '--until'],
    [['--json=1'], '--json'],
    [[''], '""'],
    [['redis://user:s3cret@host'], '"redis://user:***@host" is a URL: give it by --url'],
    [['--subkeys', 'a', '--event', 'b|c', '--rate=1'], '--rate']
  ];
  for (const [argv, quoted] of CONTRADICTIONS) {
    it(`refuses watch ${argv.map(text => JSON.stringify(text.replace(folder, '…'))).join(' ')}`, async () => {
      const { code, stderr } = await runInProcess(['watch', ...NOWHERE, ...argv]);
      assert.equal(code, 2, stderr);
      assert.ok(stderr.includes(quoted), stderr);
    });
  }

  const OTHERS: [argv: string[], quoted: string][] = [
    [['wathc'], 'Did you mean watch?'],
    [['watch', '--nonsense'], "'--nonsense'"],
    [['disable', 'stray'], 'too many arguments'],
    [['doctor', '--no-write', '--probe-prefix', 'a'], 'contradict'],
    [['enable', 'user:*', '--events', 'KEA'], 'minimal'],
    [['enable', '--subkeys', '--events', 'KEA'], 'minimal'],
    [['enable', '--db', '3'], "'--db'"]
  ];
  for (const [argv, quoted] of OTHERS) {
    it(`refuses ${argv.join(' ')}`, async () => {
      const { code, stdout, stderr } = await runInProcess(argv);
      assert.deepEqual([code, stdout], [2, '']);
      assert.ok(stderr.includes(quoted), stderr);
    });
  }

  for (const argv of [
    ['watch', '--password=s3cret'],
    ['watch', '--password', 's3cret'],
    ['doctor', '--pass', 's3cret'],
    ['doctor', '-a', 's3cret'],
    ['watch', '--passwordd=s3cret'],
    ['watch', 'redis://user:s3cret@host:6379'],
    ['watch', '--url', 'redis://user:s3cret@'],
    ['watch', '--url', 'redis://user:s3cret/@host'],
    ['watch', '--url', 'user:s3cret@host'],
    ['watch', '--url', 'redis://user:s3cret@127.0.0.1:1'],
    ['redis://user:s3cret@host']
  ]) {
    it(`never repeats the password of ${argv.join(' ')}`, async () => {
      for (const flags of [[], ['--json']]) {
        const { code, stdout, stderr } = await runInProcess([...argv, ...flags]);
        assert.ok(code === 2 || code === 3, String(code));
        assert.doesNotMatch(stdout + stderr, /s3cret/);
      }
    });
  }

  it('tells an error as JSON where JSON is asked for, by option and by variable', async () => {
    for (const [argv, env] of [
      [['watch', '--json', '--until', 'soon'], {}],
      [['watch', '--until', 'soon'], { KEYSPACE_JSON: '1' }]
    ] as const) {
      const { code, stderr } = await runInProcess(argv, { env });
      assert.equal(code, 2);
      const { type, exitCode, message } = JSON.parse(stderr) as Record<string, unknown>;
      assert.deepEqual([type, exitCode], ['error', 2]);
      assert.match(String(message), /"soon"/);
    }
  });

  for (const command of COMMANDS) {
    it(`says what ${command} tried when nobody answers, for each URL`, async () => {
      const { code, stderr } = await runInProcess([command, ...NOWHERE, '--url', 'rediss://u@127.0.0.1:2/1']);
      assert.equal(code, 3);
      assert.match(stderr, /redis:\/\/127\.0\.0\.1:1: .*ECONNREFUSED/);
      assert.match(stderr, /rediss:\/\/u@127\.0\.0\.1:2\/1: .*ECONNREFUSED/);
    });

    it(`shows the help of ${command}, with examples`, async () => {
      const { code, stdout } = await runInProcess([command, '--help']);
      assert.equal(code, 0);
      assert.match(stdout, new RegExp(`Usage: keyspace ${command}[^]*Examples:\n  \\$ keyspace ${command}`));
    });
  }

  it('prefers the command line to the environment', async () => {
    const { code, stderr } = await runInProcess(['watch', ...NOWHERE, '--until', '1s', '--no-color'], {
      env: { KEYSPACE_URL: 'nonsense', KEYSPACE_UNTIL: 'nonsense', KEYSPACE_NO_COLOR: '0', KEYSPACE_EVENT: '' }
    });
    assert.equal(code, 3);
    assert.match(stderr, /127\.0\.0\.1:1/);
  });

  it('shows its version, and its help when nothing is asked for', async () => {
    assert.match((await runInProcess(['--version'])).stdout, /^\d+\.\d+\.\d+\n$/);
    assert.equal((await runInProcess(['--help'])).code, 0);
    const { code, stderr } = await runInProcess([]);
    assert.equal(code, 2);
    assert.match(stderr, /^Usage: keyspace/);
  });
});
