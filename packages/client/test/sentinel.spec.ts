import assert from 'node:assert/strict';
import { matrix, startSentinel, waitFor, type RedisServer, type TestSentinel } from '@redis-keyspace/test-utils';
import { Clients } from './clients';
import { NETWORK_ERRORS } from './error-log';
import { Recorder } from './recorder';
import { perSuite } from './resources';
import { patternCount } from './server-side';

const PATIENT = { timeout: 45_000 };

matrix('a Sentinel client', binary => {
  const clients = new Clients();
  const resources = perSuite();
  let sentinel: TestSentinel;
  before(async () => {
    sentinel = resources.add(await startSentinel(binary), opened => opened.stop());
  });
  const keyspace = { heartbeatInterval: 200, heartbeatTimeout: 1_000 };
  const connect = () => clients.sentinel(sentinel, { keyspace, expects: NETWORK_ERRORS });
  const write = (server: RedisServer, ...keys: string[]) =>
    Promise.all(keys.map(key => server.command('SET', key, 'value')));

  it('hears the primary, and leaves the replicas alone', async () => {
    const client = await connect();
    const recorder = new Recorder();
    const subscription = await client.subscribeKeyspace('s:*', recorder.listen);
    const primary = await sentinel.primary();
    assert.deepEqual({ ...subscription.coverage }, { slots: 16_384, nodes: [primary.address], complete: true });
    await client.set('s:1', 'value');
    await subscription.fence();
    recorder.assertOnceEach(['s:1']);
    assert.equal(recorder.heard[0].node, primary.address);
    for (const replica of await sentinel.replicas()) assert.equal(await patternCount(replica), 0);
  });

  it('hears the database of nodeClientOptions', async () => {
    const nodeClientOptions = { database: 3 };
    const client = await clients.sentinel(sentinel, { nodeClientOptions });
    const recorder = new Recorder();
    const subscription = await client.subscribeKeyspace('db:*', recorder.listen);
    await (await sentinel.primary()).rawCommand(3, 'SET', 'db:3', 'value');
    await write(await sentinel.primary(), 'db:0');
    await subscription.fence();
    recorder.assertOnceEach(['db:3']);
  });

  it('hears the new primary after a planned failover, and nothing twice', async () => {
    const client = await connect();
    const recorder = new Recorder();
    const subscription = recorder.follow(await client.subscribeKeyspace('plan:*', recorder.listen));
    const before = await sentinel.primary();
    await write(before, 'plan:before');
    await subscription.fence();
    const promoted = await sentinel.failover();
    await waitFor('the new primary to be heard', () => subscription.coverage.nodes.includes(promoted.address), PATIENT);
    await waitFor('the gaps to be over', () => recorder.gaps.length === recorder.recovered.length, PATIENT);
    const keys = ['plan:1', 'plan:2', 'plan:3'];
    await write(promoted, ...keys);
    await subscription.fence();
    await waitFor('the old primary to be let go', async () => (await patternCount(before)) === 0);
    recorder.assertOnceEach(['plan:before', ...keys]);
    assert.equal(recorder.heard.at(-1)!.node, promoted.address);
    assert.equal(subscription.coverage.complete, true);
  }).timeout(90_000);

  it('tells a gap when the primary is killed, is back before it hears anything new, and does not hear the old one twice', async () => {
    const client = await connect();
    const recorder = new Recorder();
    const subscription = recorder.follow(await client.subscribeKeyspace('kill:*', recorder.listen));
    const before = await sentinel.primary();
    await write(before, 'kill:before');
    await subscription.fence();
    const promoted = await sentinel.killPrimary();
    await waitFor('the new primary to be heard', () => subscription.coverage.nodes.includes(promoted.address), PATIENT);
    await waitFor('the gaps to be over', () => recorder.gaps.length === recorder.recovered.length, PATIENT);
    await write(promoted, 'kill:after');
    await subscription.fence();
    recorder.assertOnceEach(['kill:before', 'kill:after']);
    const [gap] = recorder.gaps;
    assert.deepEqual([gap.node, gap.slots], [before.address, []]);
    assert(['disconnected', 'node-silent', 'failover'].includes(gap.reason), gap.reason);
    const story = recorder.journal.map(entry => (entry.type === 'notification' ? entry.notification.key : entry.type));
    assert(story.lastIndexOf('recovered') < story.indexOf('kill:after'));

    await sentinel.restart(before);
    assert.equal((await before.info('replication')).get('role'), 'slave');
    const keys = ['kill:1', 'kill:2', 'kill:3'];
    await write(promoted, ...keys);
    await subscription.fence();
    await waitFor('the replica to have them', async () => (await before.command('GET', 'kill:3')) === 'value');
    recorder.assertOnceEach(['kill:before', 'kill:after', ...keys]);
    assert.equal(await patternCount(before), 0);
  }).timeout(120_000);

  it("adds with 'enable' the flags of replicas too", async () => {
    const flags = async (server: RedisServer) => {
      const [, value] = (await server.command('CONFIG', 'GET', 'notify-keyspace-events')) as string[];
      return [...value].sort().join('');
    };
    for (const node of sentinel.nodes) await node.command('CONFIG', 'SET', 'notify-keyspace-events', '');
    const client = await clients.sentinel(sentinel, { keyspace: { notifyKeyspaceEvents: 'enable' } });
    await client.subscribeKeyevent('set', () => undefined);
    for (const node of sentinel.nodes) {
      await waitFor(`${node.address} to be enabled`, async () => (await flags(node)) === '$E');
    }
    const reports = await client.keyspace.check();
    assert.deepEqual(
      reports.map(({ node, role, missing }) => [node, role, missing]).sort(),
      [
        [(await sentinel.primary()).address, 'primary', ''],
        ...(await sentinel.replicas()).map(({ address }) => [address, 'replica', ''])
      ].sort()
    );
    for (const node of sentinel.nodes) await node.command('CONFIG', 'SET', 'notify-keyspace-events', 'KEA');
  });

  it('ends everything with close()', async () => {
    const client = await connect();
    const stream = await client.subscribeKeyevent('*');
    await client.close();
    for await (const _ of stream) assert.fail('nothing comes after the end');
    for (const node of sentinel.nodes) {
      await waitFor('nothing to be left', async () => (await patternCount(node)) === 0);
    }
    await assert.rejects(
      client.subscribeKeyevent('set', () => undefined),
      { message: 'The client is closed' }
    );
  });
});
