import assert from 'node:assert/strict';
import { matrix, waitFor, type ClusterNode } from '@redis-keyspace/test-utils';
import type { KeyspaceWarning } from '../index';
import { ClusterSuite } from './cluster-suite';
import { NETWORK_ERRORS } from './error-log';
import { Recorder } from './recorder';

const PATIENT = { timeout: 15_000 };

matrix('notify-keyspace-events of a cluster', server => {
  const config = { 'notify-keyspace-events': '' };
  const suite = new ClusterSuite(server, { replicas: 1, nodeTimeout: 1_000, config });
  const flagsOf = async (node: ClusterNode) => {
    const [, flags] = (await node.command('CONFIG', 'GET', 'notify-keyspace-events')) as [string, string];
    return [...flags].sort().join('');
  };
  const setAll = (flags: string) => {
    return Promise.all(suite.cluster.nodes.map(node => node.command('CONFIG', 'SET', 'notify-keyspace-events', flags)));
  };
  const addresses = () => suite.cluster.nodes.map(({ address }) => address).sort();

  beforeEach(() => setAll(''));

  it("warns with 'check' once per node and missing class, with the command that puts it right", async () => {
    const client = await suite.connect();
    const warnings: KeyspaceWarning[] = [];
    client.keyspace.on('warning', warning => warnings.push(warning));
    const recorder = new Recorder();
    await client.subscribeKeyevent('set', recorder.listen);
    await waitFor('a warning for each node', () => warnings.length === 6);
    assert.deepEqual(warnings.map(({ node }) => node).sort(), addresses());
    for (const { code, node, message, report } of warnings) {
      assert.equal(code, 'KEYSPACE_NOTIFICATIONS_OFF');
      assert.deepEqual([report.flags, [...report.missing].sort().join('')], ['', '$E']);
      const [host, port] = node.split(':');
      assert(message.includes(`redis-cli -h ${host} -p ${port} CONFIG SET notify-keyspace-events`), message);
    }
    await client.subscribeKeyevent('set', recorder.listen);
    await client.keyspace.fence();
    assert.equal(warnings.length, 6, 'the same was said twice');
    await client.subscribeKeyevent('expired', recorder.listen);
    await waitFor('a warning for each node', () => warnings.length === 12);
    for (const { message } of warnings.slice(6)) {
      const [, port, flags] = /-p (\d+) CONFIG SET notify-keyspace-events '?([^' ]+)/.exec(message)!;
      const node = suite.cluster.nodes.find(other => String(other.port) === port)!;
      await node.command('CONFIG', 'SET', 'notify-keyspace-events', flags);
    }
    const reports = await client.keyspace.check();
    assert.deepEqual(
      reports.map(({ node, missing, hint }) => [node, missing, hint]).sort(),
      addresses().map(node => [node, '', undefined])
    );
    const keys = await suite.keysOfAll(1, 'warned:');
    await Promise.all(keys.map(key => client.set(key, 'value')));
    await client.keyspace.fence();
    assert.deepEqual(recorder.tally('set'), new Map(keys.map(key => [key, 2])));
  });

  it("adds with 'enable' what is missing on every node, replicas too, and takes nothing away", async () => {
    await suite.a.command('CONFIG', 'SET', 'notify-keyspace-events', 'Kl');
    const client = await suite.connect({ keyspace: { notifyKeyspaceEvents: 'enable' } });
    client.keyspace.on('warning', ({ message }) => assert.fail(message));
    const recorder = new Recorder();
    const subscription = await client.subscribeKeyevent(['set', 'expired'], recorder.listen);
    for (const node of suite.cluster.nodes) {
      assert.equal(await flagsOf(node), node === suite.a ? '$EKlx' : '$Ex');
    }
    const keys = await suite.keysOfAll(2, 'enabled:');
    await Promise.all(keys.map(key => client.set(key, 'value')));
    await subscription.fence();
    recorder.assertOnceEach(keys);
    await client.subscribeKeyspace('list:*', recorder.listen, { events: 'lpush' });
    for (const node of suite.cluster.nodes) assert.equal(await flagsOf(node), '$EKlx');
  });

  it('reports per node what is on, needed and missing, and enables it when told to', async () => {
    const client = await suite.connect({ keyspace: { notifyKeyspaceEvents: 'ignore' } });
    const all = await client.keyspace.check();
    assert.deepEqual(all.map(({ node }) => node).sort(), addresses());
    assert.equal(all.filter(({ role }) => role === 'primary').length, 3);
    for (const { flags, required, missing, error } of all)
      assert.deepEqual([flags, required, missing, error], ['', 'AKE', 'AKE', undefined]);
    await client.subscribeKeyevent('del', () => undefined);
    for (const { missing } of await client.keyspace.check()) assert.equal([...missing].sort().join(''), 'Eg');
    for (const { missing, flags } of await client.keyspace.enable()) {
      assert.deepEqual([missing, [...flags!].sort().join('')], ['', 'Eg']);
    }
    for (const node of suite.cluster.nodes) assert.equal(await flagsOf(node), 'Eg');
  });

  it('calls a refused CONFIG unknown, with a hint, and subscribes all the same', async () => {
    await setAll('KEA');
    await Promise.all(
      suite.cluster.nodes.map(node =>
        node.command('ACL', 'SETUSER', 'noconfig', 'on', '>secret', '~*', '&*', '+@all', '-config')
      )
    );
    for (const notifyKeyspaceEvents of ['check', 'enable'] as const) {
      const client = await suite.connect({
        defaults: { username: 'noconfig', password: 'secret' },
        keyspace: { notifyKeyspaceEvents }
      });
      const warnings: KeyspaceWarning[] = [];
      client.keyspace.on('warning', warning => warnings.push(warning));
      const recorder = new Recorder();
      const subscription = await client.subscribeKeyspace('unknown:*', recorder.listen);
      await waitFor('a warning for each node', () => warnings.length === 6);
      for (const { code, message, report } of warnings) {
        assert.equal(code, 'KEYSPACE_NOTIFICATIONS_UNKNOWN');
        assert.match(message, /parameter group/);
        assert.match(report.error!, /NOPERM/);
      }
      for (const { flags, missing, hint } of await client.keyspace[notifyKeyspaceEvents]()) {
        assert.deepEqual([flags, missing], [undefined, '']);
        assert.match(hint!, /CONFIG/);
      }
      const keys = await suite.keysOfAll(2, 'unknown:');
      await Promise.all(keys.map(key => client.set(key, 'value')));
      await subscription.fence();
      recorder.assertOnceEach(keys);
      client.destroy();
    }
  });

  it('enables a node that joins later, one that was restarted, and hears a promoted replica', async () => {
    const { cluster, b } = suite;
    const client = await suite.connect({
      expects: NETWORK_ERRORS,
      keyspace: { notifyKeyspaceEvents: 'enable', topologyRefreshInterval: 200 }
    });
    const recorder = new Recorder();
    const subscription = recorder.follow(await client.subscribeKeyspace('later:*', recorder.listen));
    const needed = await flagsOf(b);
    const added = await cluster.addPrimary();
    await waitFor('the new node to be enabled', async () => (await flagsOf(added)) === needed);
    await cluster.removeNode(added);
    const [replica] = await cluster.replicas(b);
    await cluster.kill(b);
    await cluster.waitForPromotion([replica], PATIENT);
    await waitFor('recovered', () => subscription.coverage.complete, PATIENT);
    assert.equal(await flagsOf(replica), needed);
    await cluster.restart(b);
    await cluster.waitUntilStable();
    await waitFor('the restarted node to be enabled', async () => (await flagsOf(b)) === needed, PATIENT);
    const keys = await cluster.keysFor(replica, 5, 'later:');
    await Promise.all(keys.map(key => replica.command('SET', key, 'value')));
    await subscription.fence();
    recorder.assertOnceEach(keys, 'set');
  }).timeout(40_000);
});
