import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { matrix, startStandalone, waitFor, type RedisServer } from '@redis-keyspace/test-utils';
import type { KeyspaceWarning } from '../index';
import { ClusterSuite } from './cluster-suite';
import { NETWORK_ERRORS } from './error-log';
import { Recorder } from './recorder';
import { perSuite } from './resources';
import { StandaloneSuite } from './standalone-suite';

const SETTING = 'notify-keyspace-events';

async function flagsOf(server: RedisServer): Promise<string> {
  const [, flags] = (await server.command('CONFIG', 'GET', SETTING)) as [string, string];
  return [...flags].sort().join('');
}

/** How often a command was sent, the test kit's own calls included. */
async function callsOf(server: RedisServer, command: string): Promise<number> {
  const stats = await server.info('commandstats');
  const entries = [...stats].filter(([name]) => name.startsWith(`cmdstat_${command}`));
  return entries.reduce((sum, [, value]) => sum + Number(/calls=(\d+)/.exec(value)?.[1]), 0);
}

/** A command as a shell reads it. */
function wordsOf(command: string): string[] {
  return execFileSync('sh', ['-c', `printf '%s\\n' ${command}`])
    .toString()
    .trim()
    .split('\n');
}

matrix('notify-keyspace-events of a single server', binary => {
  const suite = new StandaloneSuite(binary);
  beforeEach(() => suite.server.command('CONFIG', 'SET', SETTING, ''));

  async function connect(notifyKeyspaceEvents?: 'check' | 'enable' | 'ignore') {
    const client = await suite.connect({ keyspace: { notifyKeyspaceEvents }, expects: NETWORK_ERRORS });
    const warnings: KeyspaceWarning[] = [];
    client.keyspace.on('warning', warning => warnings.push(warning));
    return { client, warnings };
  }

  it("warns with 'check' once per missing class, with a command after which it is heard", async () => {
    const { client, warnings } = await connect();
    const recorder = new Recorder();
    const subscription = await client.subscribeKeyevent('set', recorder.listen);
    await client.subscribeKeyevent('set', recorder.listen, { keys: 'other' });
    await suite.write('silent');
    await subscription.fence();
    assert.deepEqual(recorder.heard, []);
    assert.equal(warnings.length, 1);
    const [{ code, node, message }] = warnings;
    assert.deepEqual([code, node], ['KEYSPACE_NOTIFICATIONS_OFF', suite.server.address]);
    const [, command] = /run: (redis-cli .*) \(or use/.exec(message)!;
    const [, host, , port, ...args] = wordsOf(command).slice(1);
    assert.equal(`${host}:${port}`, node);
    await suite.server.command(...args);
    await suite.write('heard');
    await subscription.fence();
    recorder.assertOnceEach(['heard']);
    assert.deepEqual((await client.keyspace.check())[0].hint, undefined);
  });

  it("says nothing with 'check' where everything is on, also as another setting of the same meaning", async () => {
    for (const flags of ['KEA', 'Eg$lshzxetd', 'E$x']) {
      await suite.server.command('CONFIG', 'SET', SETTING, flags);
      const { client, warnings } = await connect();
      await client.subscribeKeyevent(['set', 'expired'], () => undefined);
      assert.deepEqual(warnings, []);
      client.destroy();
    }
  });

  it('warns of a class again only when another one is missing', async () => {
    const { client, warnings } = await connect();
    await client.subscribeKeyevent('set', () => undefined);
    await client.subscribeKeyevent('hset', () => undefined);
    await client.subscribeKeyspace('a', () => undefined, { events: 'lpush' });
    assert.deepEqual(
      warnings.map(({ report }) => [...report.missing].sort().join('')),
      ['$E', '$Eh', '$EKhl']
    );
  });

  it('warns by process.emitWarning when nobody listens, and subscribes all the same', async () => {
    const client = await suite.connect();
    const warnings: (Error & { code?: string })[] = [];
    const note = (warning: Error) => warnings.push(warning);
    process.on('warning', note);
    await client.subscribeKeyevent('expired', () => undefined);
    await waitFor('the warning', () => warnings.some(({ name }) => name === 'KeyspaceWarning'));
    process.off('warning', note);
    const { code, message } = warnings.find(({ name }) => name === 'KeyspaceWarning')!;
    assert.equal(code, 'KEYSPACE_NOTIFICATIONS_OFF');
    assert(message.includes(suite.server.address), message);
  });

  it("adds with 'enable' exactly what is missing, as subscriptions come, and removes nothing", async () => {
    await suite.server.command('CONFIG', 'SET', SETTING, 'Kz');
    const { client, warnings } = await connect('enable');
    const recorder = new Recorder();
    const subscription = await client.subscribeKeyevent('set', recorder.listen);
    assert.equal(await flagsOf(suite.server), '$EKz');
    await suite.write('enabled');
    await subscription.fence();
    recorder.assertOnceEach(['enabled']);
    await client.subscribeKeyspace('a', () => undefined, { events: ['lpush', 'expired'] });
    assert.equal(await flagsOf(suite.server), '$EKlxz');
    await client.unsubscribeKeyevent();
    await client.subscribeKeyspace('b', () => undefined, { events: 'lpush' });
    assert.equal(await flagsOf(suite.server), '$EKlxz');
    assert.deepEqual(warnings, []);
  });

  it("adds with 'enable' the classes that A does not stand for, only when they are named", async () => {
    await suite.server.command('CONFIG', 'SET', SETTING, 'KEA');
    const { client } = await connect('enable');
    const recorder = new Recorder();
    await client.subscribeKeyevent('*', recorder.listen);
    assert.equal(await flagsOf(suite.server), 'AEK');
    await client.subscribeKeyevent('keymiss', recorder.listen);
    assert.equal(await flagsOf(suite.server), 'AEKm');
    await client.get('missed');
    await client.keyspace.fence();
    assert(recorder.hears('missed', 'keymiss'));
  });

  it('enables a server again that was restarted without its setting, before the gap is over', async () => {
    await suite.server.restart({ [SETTING]: '' });
    const { client } = await connect('enable');
    const recorder = new Recorder();
    const subscription = recorder.follow(await client.subscribeKeyspace('again:*', recorder.listen));
    await suite.server.restart();
    await waitFor('the gap to be over', () => recorder.recovered.length);
    await suite.write('again:1');
    await subscription.fence();
    recorder.assertOnceEach(['again:1']);
  });

  it('reports by check() and enable() what is on, needed and missing, without connecting subscribers', async () => {
    const { client, warnings } = await connect('ignore');
    const node = suite.server.address;
    const [before] = await client.keyspace.check();
    assert.deepEqual(
      [before.node, before.role, before.flags, before.required, before.missing, before.error],
      [node, 'primary', '', 'AKE', 'AKE', undefined]
    );
    assert.match(before.hint!, /CONFIG SET notify-keyspace-events 'AKE'/);
    const [after] = await client.keyspace.enable();
    assert.deepEqual({ ...after }, { ...before, flags: 'AKE', missing: '', hint: undefined });
    assert.equal(await flagsOf(suite.server), 'AEK');
    assert.deepEqual([client.keyspace.status().nodes, warnings], [[], []]);
  });

  it("sends no CONFIG with 'ignore'", async () => {
    const before = await callsOf(suite.server, 'config');
    const { client, warnings } = await connect('ignore');
    const subscription = await client.subscribeKeyevent('set', () => undefined);
    await subscription.fence();
    assert.equal(await callsOf(suite.server, 'config'), before);
    assert.deepEqual(warnings, []);
  });

  it('takes a server that refuses CONFIG to this user as unknown, with a hint, and hears', async () => {
    await suite.server.command('CONFIG', 'SET', SETTING, 'KEA');
    await suite.server.command('ACL', 'SETUSER', 'meek', 'on', '>secret', '~*', '&*', '+@all', '-config');
    for (const notifyKeyspaceEvents of ['check', 'enable'] as const) {
      const user = { username: 'meek', password: 'secret' };
      const client = await suite.connect({ ...user, keyspace: { notifyKeyspaceEvents } });
      await isUnknown(client, suite.server, notifyKeyspaceEvents, /NOPERM/);
    }
  });

  /** Everything works, and whether notifications are on is unknown. */
  async function isUnknown(
    client: Awaited<ReturnType<StandaloneSuite['connect']>>,
    server: RedisServer,
    mode: 'check' | 'enable',
    said: RegExp
  ) {
    const warnings: KeyspaceWarning[] = [];
    client.keyspace.on('warning', warning => warnings.push(warning));
    const recorder = new Recorder();
    const subscription = await client.subscribeKeyspace('unknown:*', recorder.listen);
    await client.subscribeKeyevent('expired', recorder.listen);
    await server.command('SET', 'unknown:1', 'value');
    await subscription.fence();
    recorder.assertOnceEach(['unknown:1']);
    assert.deepEqual(
      warnings.map(({ code, node }) => [code, node]),
      [['KEYSPACE_NOTIFICATIONS_UNKNOWN', server.address]]
    );
    for (const report of await client.keyspace[mode]()) {
      assert.deepEqual([report.node, report.flags, report.missing], [server.address, undefined, '']);
      assert.match(report.error!, said);
      assert.match(report.hint!, /managed service.*parameter group/);
    }
  }

  describe('without CONFIG', () => {
    const resources = perSuite();
    let server: RedisServer;
    before(async () => {
      const config = { 'rename-command': 'CONFIG ""' };
      server = resources.add(await startStandalone(binary, { config }), opened => opened.stop());
    });

    for (const mode of ['check', 'enable'] as const) {
      it(`is unknown with '${mode}', with a hint, and heard all the same`, async () => {
        const client = await suite.clients.client(server, { keyspace: { notifyKeyspaceEvents: mode } });
        await isUnknown(client, server, mode, /unknown command/i);
      });
    }
  });
});

matrix("notify-keyspace-events: 'ignore' in a cluster", binary => {
  const suite = new ClusterSuite(binary);

  it('sends no CONFIG to any node', async () => {
    const before = await Promise.all(suite.cluster.nodes.map(node => callsOf(node, 'config')));
    const client = await suite.connect({ keyspace: { notifyKeyspaceEvents: 'ignore', topologyRefreshInterval: 20 } });
    const subscription = await client.subscribeKeyevent('set', () => undefined);
    for (let round = 0; round < 5; round++) await subscription.fence();
    assert.deepEqual(await Promise.all(suite.cluster.nodes.map(node => callsOf(node, 'config'))), before);
  });
});
