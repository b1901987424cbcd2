import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { matrix, waitFor } from '@redis-keyspace/test-utils';
import { KeyspaceClosedError } from '../index';
import { ClusterSuite } from './cluster-suite';
import { NETWORK_ERRORS } from './error-log';
import { Recorder } from './recorder';
import { subscriberConnections } from './server-side';

const PATIENT = { timeout: 15_000 };

matrix('connections and nodes fail', server => {
  const suite = new ClusterSuite(server, { nodeTimeout: 1_000 });
  const keyspace = { topologyRefreshInterval: 200, heartbeatInterval: 200, heartbeatTimeout: 600 };
  const connect = () => suite.connect({ keyspace, expects: NETWORK_ERRORS });
  const nodes = () => [suite.a, suite.b, suite.c];

  it('tells a gap per node when all subscriber connections are cut at once, and is back before it hears anything new', async () => {
    const client = await connect();
    const recorder = new Recorder();
    const subscription = recorder.follow(await client.subscribeKeyspace('cut:*', recorder.listen));
    const before = await suite.keysOfAll(5, 'cut:before:');
    const after = await suite.keysOfAll(5, 'cut:after:');
    await Promise.all(before.map(key => client.set(key, 'value')));
    await subscription.fence();
    const cut = await Promise.all(nodes().map(node => suite.cluster.cutClients(node)));
    assert.deepEqual(cut, [1, 1, 1]);
    await waitFor('recovered', () => recorder.recovered.length === 3);
    assert.deepEqual(new Set(recorder.gaps.map(({ node }) => node)), new Set(nodes().map(({ address }) => address)));
    assert.deepEqual(
      recorder.gaps.map(({ reason }) => reason),
      Array(3).fill('disconnected')
    );
    await Promise.all(after.map(key => client.set(key, 'value')));
    await subscription.fence();
    recorder.assertOnceEach([...before, ...after]);
    const kinds = recorder.journal.map(({ type }) => type);
    assert(kinds.lastIndexOf('recovered') < kinds.lastIndexOf('notification') - after.length + 1);
    assert.equal(subscription.coverage.complete, true);
  });

  it('says `recovered` before the first new notification, also under a writer', async () => {
    const client = await connect();
    const recorder = new Recorder();
    const subscription = recorder.follow(await client.subscribeKeyspace('flood:*', recorder.listen));
    const keys = await suite.cluster.keysFor(suite.a, 3_000, 'flood:');
    let written = 0;
    const writer = (async () => {
      for (; written < keys.length && recorder.recovered.length < 3; written++) {
        await suite.a.command('SET', keys[written], 'value');
      }
    })();
    for (let round = 1; round <= 3; round++) {
      await waitFor('some to be heard', () => recorder.journal.at(-1)?.type === 'notification');
      await suite.cluster.cutClients(suite.a);
      await waitFor('recovered', () => recorder.recovered.length === round);
    }
    await writer;
    await subscription.fence();
    let open = false;
    for (const { type } of recorder.journal) {
      if (type === 'notification') assert(!open, 'a notification came within an open gap');
      else open = type === 'gap';
    }
    assert.equal(recorder.gaps.length, 3);
    for (const count of recorder.tally().values()) assert.equal(count, 1);
  });

  it('shows partial coverage while a primary without a replica is dead, and resubscribes it when it returns', async () => {
    const { cluster, c } = suite;
    const client = await connect();
    const recorder = new Recorder();
    const subscription = recorder.follow(await client.subscribeKeyspace('partial:*', recorder.listen));
    const owned = (await cluster.slotsOf(c)).length;
    const keys = await suite.keysOfAll(5, 'partial:');
    await cluster.kill(c);
    await waitFor('the gap to be told', () => recorder.gaps.length);
    const { coverage } = subscription;
    assert.deepEqual([coverage.slots, coverage.complete], [16_384 - owned, false]);
    assert.deepEqual(new Set(coverage.nodes), new Set([suite.a.address, suite.b.address]));
    const { gaps } = client.keyspace.status();
    assert.deepEqual(
      gaps.open.map(({ node, reason }) => [node, reason]),
      [[c.address, 'disconnected']]
    );
    await cluster.restart(c);
    await waitFor('recovered', () => recorder.recovered.length, PATIENT);
    await cluster.waitUntilStable();
    await Promise.all(keys.map(key => client.set(key, 'value')));
    await subscription.fence();
    recorder.assertOnceEach(keys);
    assert.equal(subscription.coverage.complete, true);
  });

  it('resolves a subscription that is made during the backoff of a lost node when the node is back', async () => {
    const { cluster, c } = suite;
    const client = await connect();
    const recorder = new Recorder();
    recorder.follow(await client.subscribeKeyspace('backoff:*', recorder.listen));
    await cluster.kill(c);
    await waitFor('the gap to be told', () => recorder.gaps.length);
    const late = new Recorder();
    const subscribing = client.subscribeKeyevent('set', late.listen);
    await cluster.restart(c);
    const subscription = recorder.follow(await subscribing);
    assert.equal(subscription.coverage.complete, true);
    await cluster.waitUntilStable();
    const key = await cluster.keyFor(c, 'backoff:');
    await c.command('SET', key, 'value');
    await client.keyspace.fence();
    recorder.assertOnceEach([key]);
    late.assertOnceEach([key]);
  });

  it('ends at once when it is closed during the backoff of a lost node, and leaves nothing', async () => {
    const { cluster, b } = suite;
    const client = await connect();
    const recorder = new Recorder();
    const subscription = recorder.follow(await client.subscribeKeyspace('closing:*', recorder.listen));
    await cluster.kill(b);
    await waitFor('the gap to be told', () => recorder.gaps.length);
    const subscribing = client.subscribeKeyevent('set');
    client.keyspace.close();
    await assert.rejects(subscribing, KeyspaceClosedError);
    await assert.rejects(subscription.fence(), KeyspaceClosedError);
    assert.deepEqual(client.keyspace.status().nodes, []);
    await cluster.restart(b);
    await cluster.waitUntilStable();
    assert.deepEqual((await Promise.all(nodes().map(subscriberConnections))).flat(), []);
  });

  it('heals after every node was down for 3 seconds', async () => {
    const { cluster } = suite;
    const client = await connect();
    const recorder = new Recorder();
    const subscription = recorder.follow(await client.subscribeKeyspace('down:*', recorder.listen));
    await cluster.killAll();
    await waitFor('the gaps to be told', () => recorder.gaps.length === 3);
    assert.deepEqual([subscription.coverage.slots, subscription.coverage.complete], [0, false]);
    await sleep(3_000);
    await cluster.restartAll();
    await cluster.waitUntilStable();
    await waitFor('recovered', () => recorder.recovered.length === recorder.gaps.length, PATIENT);
    assert.equal(subscription.coverage.complete, true);
    const keys = await suite.keysOfAll(5, 'down:');
    await Promise.all(keys.map(key => client.set(key, 'value')));
    await subscription.fence();
    recorder.assertOnceEach(keys);
  }).timeout(40_000);

  it('opens no new gap for a hang that is shorter than the heartbeat allows', async () => {
    const client = await suite.connect({ keyspace: { heartbeatInterval: 100, heartbeatTimeout: 10_000 } });
    const recorder = new Recorder();
    const subscription = recorder.follow(await client.subscribeKeyspace('short:*', recorder.listen));
    await suite.cluster.hang(suite.a);
    await sleep(400);
    suite.cluster.resume(suite.a);
    const key = await suite.cluster.keyFor(suite.a, 'short:');
    await suite.a.command('SET', key, 'value');
    await subscription.fence();
    recorder.assertOnceEach([key]);
    assert.deepEqual(recorder.gaps, []);
  });
});
