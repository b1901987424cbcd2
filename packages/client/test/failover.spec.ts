import assert from 'node:assert/strict';
import { matrix, waitFor, type ClusterNode } from '@redis-keyspace/test-utils';
import { ClusterSuite } from './cluster-suite';
import { NETWORK_ERRORS } from './error-log';
import { Recorder } from './recorder';
import { patternCount } from './server-side';

const PATIENT = { timeout: 15_000 };

matrix('a primary is replaced', server => {
  const suite = new ClusterSuite(server, { replicas: 1, nodeTimeout: 1_000 });
  const keyspace = { topologyRefreshInterval: 200, heartbeatInterval: 200, heartbeatTimeout: 600 };
  const connect = () => suite.connect({ keyspace, expects: NETWORK_ERRORS });

  it('hears the new primary after a planned failover, `expired` as `expired`, and leaves the demoted node', async () => {
    const { cluster, a } = suite;
    const client = await connect();
    const recorder = new Recorder();
    const subscription = recorder.follow(await client.subscribeKeyspace('planned:*', recorder.listen));
    const [replica] = await cluster.replicas(a);
    const keys = await cluster.keysFor(a, 20, 'planned:');
    const [before, after] = [keys.slice(0, 10), keys.slice(10)];
    await Promise.all(before.map(key => a.command('SET', key, 'value')));
    await cluster.failover(replica);
    await waitFor('the demoted node to be left', async () => (await patternCount(a)) === 0);
    await waitFor('the coverage to be complete', () => subscription.coverage.complete);
    await Promise.all(after.map(key => replica.command('SET', key, 'value', 'PX', 50)));
    await waitFor('the keys to expire', () => recorder.hearsAll(after, 'expired'));
    await subscription.fence();
    recorder.assertOnceEach([...before, ...after], 'set');
    recorder.assertOnceEach(after, 'expired');
    assert.equal(recorder.tally('del').size, 0, 'a replica says del for expired');
    assert(!subscription.coverage.nodes.includes(a.address) && subscription.coverage.nodes.includes(replica.address));
    await cluster.waitUntilStable();
  });

  it('tells a gap when a primary is killed, recovers with its promoted replica, and hears all new writes', async () => {
    const { cluster, b } = suite;
    const client = await connect();
    const recorder = new Recorder();
    const subscription = recorder.follow(await client.subscribeKeyspace('killed:*', recorder.listen));
    const [replica] = await cluster.replicas(b);
    const keys = await cluster.keysFor(b, 30, 'killed:');
    const others = await cluster.keysFor(suite.c, 5, 'killed:');
    const { slots } = await b.self();
    const owned = (await cluster.slotsOf(b)).length;
    await b.command('SET', keys[0], 'value');
    await subscription.fence();
    const beforeKill = Date.now();
    await cluster.kill(b);
    await waitFor('the gap to be told', () => recorder.gaps.length);
    const [gap] = recorder.gaps;
    assert.deepEqual([gap.reason, gap.node, gap.until], ['disconnected', b.address, undefined]);
    assert.deepEqual(gap.slots, slots);
    assert(gap.since.getTime() <= Date.now() && gap.since.getTime() >= beforeKill - 5_000);
    assert.equal(subscription.coverage.complete, false);
    assert.equal(subscription.coverage.slots, 16_384 - owned);
    await Promise.all(others.map(key => suite.c.command('SET', key, 'value')));
    await cluster.waitForPromotion([replica], PATIENT);
    await waitFor('recovered', () => recorder.recovered.length === recorder.gaps.length, PATIENT);
    assert.equal(subscription.coverage.complete, true);
    assert(recorder.recovered[0].until! >= gap.since);
    await waitFor('the new primary to serve', () => replica.command('SET', keys[1], 'value'), PATIENT);
    await Promise.all(keys.slice(2).map(key => replica.command('SET', key, 'value')));
    await subscription.fence();
    recorder.assertOnceEach([...keys, ...others]);
    assert.deepEqual(client.keyspace.status().gaps.open, []);
  }).timeout(40_000);

  it('tells a gap when a primary hangs, heals with its replacement, and hears nothing twice when it wakes', async () => {
    const { cluster, c } = suite;
    const client = await connect();
    const recorder = new Recorder();
    const subscription = recorder.follow(await client.subscribeKeyspace('hung:*', recorder.listen));
    const [replica] = await cluster.replicas(c);
    const keys = await cluster.keysFor(c, 40, 'hung:');
    const [during, woken] = [keys.slice(0, 20), keys.slice(20)];
    await cluster.hang(c);
    await waitFor('the gap to be told', () => recorder.gaps.length);
    assert.match(recorder.gaps[0].reason, /^(node-silent|disconnected)$/);
    assert.equal(recorder.gaps[0].node, c.address);
    await cluster.waitForPromotion([replica], PATIENT);
    await waitFor('recovered', () => recorder.recovered.length === recorder.gaps.length, PATIENT);
    await writeAll(replica, during);
    await subscription.fence();
    recorder.assertOnceEach(during, 'set');
    cluster.resume(c);
    await cluster.waitUntilStable();
    await writeAll(replica, woken);
    await subscription.fence();
    recorder.assertOnceEach(keys, 'set');
    assert.equal(await patternCount(c), 0);
  }).timeout(40_000);

  it('follows an exact key to the new primary', async () => {
    const { cluster, b } = suite;
    const client = await connect();
    const recorder = new Recorder();
    const primary = (await cluster.primaries()).find(node => node !== b)!;
    const [replica] = await cluster.replicas(primary);
    const key = await cluster.keyFor(primary, 'single:');
    const subscription = await client.subscribeKeyspace(key, recorder.listen);
    await cluster.failover(replica);
    await waitFor('the key to be followed', () => subscription.coverage.nodes[0] === replica.address);
    await waitFor('the new primary to serve', () => replica.command('SET', key, 'value'));
    await subscription.fence();
    assert.deepEqual(
      recorder.heard.map(({ event, node }) => [event, node]),
      [['set', replica.address]]
    );
    await cluster.waitUntilStable();
  });
});

/** For a while after its promotion a primary may still call the cluster down. */
async function writeAll(node: ClusterNode, keys: readonly string[]): Promise<void> {
  await waitFor(`${node.address} to serve`, async () =>
    String(await node.command('CLUSTER', 'INFO')).includes('cluster_state:ok')
  );
  await Promise.all(keys.map(key => node.command('SET', key, 'value')));
}
