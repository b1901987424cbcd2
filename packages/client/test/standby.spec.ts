import assert from 'node:assert/strict';
import { matrix, waitFor } from '@redis-keyspace/test-utils';
import { ClusterSuite } from './cluster-suite';
import { NETWORK_ERRORS } from './error-log';
import { Recorder } from './recorder';
import { patternCount } from './server-side';

matrix('with standby: true', server => {
  const suite = new ClusterSuite(server, { replicas: 1, nodeTimeout: 1_000 });
  const keyspace = { standby: true, topologyRefreshInterval: 200, heartbeatInterval: 200, heartbeatTimeout: 600 };
  const connect = () => suite.connect({ keyspace, expects: NETWORK_ERRORS });

  it('subscribes the replicas too, tells nothing that they say, and lets them go', async () => {
    const { cluster, a } = suite;
    const client = await connect();
    const recorder = new Recorder();
    const subscription = recorder.follow(await client.subscribeKeyspace('both:*', recorder.listen));
    const replicas = await cluster.replicas();
    const counts = async () => (await Promise.all(replicas.map(patternCount))).join();
    await waitFor('the replicas to be subscribed', async () => (await counts()) === '1,1,1');
    const keys = await cluster.keysFor(a, 20, 'both:');
    await Promise.all(keys.map(key => client.set(key, 'value')));
    await Promise.all(keys.map(key => client.del(key)));
    await subscription.fence();
    recorder.assertOnceEach(keys, 'set');
    recorder.assertOnceEach(keys, 'del');
    await subscription.unsubscribe();
    await waitFor('the replicas to be left', async () => (await counts()) === '0,0,0');
  });

  it('hears what expires around a planned failover, once and as `expired`', async () => {
    const { cluster, a } = suite;
    const client = await connect();
    const recorder = new Recorder();
    const subscription = recorder.follow(await client.subscribeKeyspace('ttl:*', recorder.listen));
    const [replica] = await cluster.replicas(a);
    await waitFor('the replica to be subscribed', async () => (await patternCount(replica)) === 1);
    const keys = await cluster.keysFor(a, 60, 'ttl:');
    await Promise.all(keys.map((key, index) => client.set(key, 'value', { PX: 50 + 10 * index })));
    await cluster.failover(replica);
    await waitFor('the keys to expire', () => recorder.hearsAll(keys, 'expired'), { timeout: 15_000 });
    await subscription.fence();
    recorder.assertOnceEach(keys, 'set');
    recorder.assertOnceEach(keys, 'expired');
    assert.equal(recorder.tally('del').size, 0, 'a replica says del for expired');
    if (server.supports('promotionMarker')) assert.deepEqual(recorder.gaps, []);
    await cluster.waitUntilStable();
  });

  it('hears all that had reached the replica of a primary that is killed, and tells the gap', async () => {
    const { cluster, b } = suite;
    const client = await connect();
    const recorder = new Recorder();
    const subscription = recorder.follow(await client.subscribeKeyspace('killed:*', recorder.listen));
    const [replica] = await cluster.replicas(b);
    await waitFor('the replica to be subscribed', async () => (await patternCount(replica)) === 1);
    const keys = await cluster.keysFor(b, 40, 'killed:');
    const [before, after] = [keys.slice(0, 30), keys.slice(30)];
    await Promise.all(before.map(key => b.command('SET', key, 'value')));
    await b.command('WAIT', 1, 1_000);
    await cluster.kill(b);
    await waitFor('the gap to be over', () => recorder.recovered.length > 0 && subscription.coverage.complete, {
      timeout: 20_000
    });
    await Promise.all(after.map(key => replica.command('SET', key, 'value')));
    await subscription.fence();
    for (const key of before) assert.ok(recorder.eventsOf(key).includes('set'), `${key} was not heard`);
    for (const key of after) assert.deepEqual(recorder.eventsOf(key), ['set']);
    assert.ok(recorder.gaps.length > 0);
    await cluster.restart(b);
    await cluster.waitUntilStable();
  });
});
