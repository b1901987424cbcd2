import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { matrix, waitFor, type ClusterNode } from '@redis-keyspace/test-utils';
import { KeyspaceRefusedError, KeyspaceTimeoutError } from '../index';
import { ClusterSuite } from './cluster-suite';
import { NETWORK_ERRORS } from './error-log';
import { Recorder } from './recorder';
import { patternCount, subscriberConnections } from './server-side';

matrix('servers refuse, or do not answer', server => {
  const suite = new ClusterSuite(server);
  const nodes = () => [suite.a, suite.b, suite.c];
  const patterns = () => Promise.all(nodes().map(patternCount));
  const defaults = { username: 'limited', password: 'secret' };
  const allow = (...channels: string[]) => {
    const rules = ['on', '>secret', '~*', '+@all', 'resetchannels', ...channels.map(channel => `&${channel}`)];
    return Promise.all(nodes().map(node => node.command('ACL', 'SETUSER', 'limited', ...rules)));
  };
  const isRefusal = (channel: string) => (error: unknown) => {
    assert(error instanceof KeyspaceRefusedError);
    assert.deepEqual(
      [error.name, error.code, error.channel, error.rule],
      ['KeyspaceRefusedError', 'KEYSPACE_REFUSED', channel, `&${channel}`]
    );
    assert(nodes().some(({ address }) => address === error.node));
    for (const part of [error.node, channel]) assert(error.message.includes(part), `${part} in ${error.message}`);
    assert.match(String((error.cause as Error).message), /NOPERM/);
    return true;
  };

  it('connects with the user of `defaults`', async () => {
    await allow('__keyspace@0__:ok:*');
    const client = await suite.connect({ defaults });
    const recorder = new Recorder();
    const subscription = await client.subscribeKeyspace('ok:*', recorder.listen);
    for (const node of nodes()) {
      assert.match(String(await node.command('CLIENT', 'LIST', 'TYPE', 'pubsub')), / user=limited /);
    }
    const keys = await suite.keysOfAll(2, 'ok:');
    await Promise.all(keys.map(key => client.set(key, 'value')));
    await subscription.fence();
    recorder.assertOnceEach(keys);
  });

  it('rejects a pattern that a server refuses, naming node, pattern and rule, and spares the others', async () => {
    await allow('__keyspace@0__:ok:*');
    const client = await suite.connect({ defaults });
    const recorder = new Recorder();
    recorder.follow(await client.subscribeKeyspace('ok:*', recorder.listen));
    await assert.rejects(client.subscribeKeyspace('no:*', recorder.listen), isRefusal('__keyspace@0__:no:*'));
    await assert.rejects(client.subscribeKeyspace(['ok:*', 'no:*'], recorder.listen), isRefusal('__keyspace@0__:no:*'));
    await assert.rejects(client.subscribeKeyevent('set', recorder.listen), isRefusal('__keyevent@0__:set'));
    assert.deepEqual(await patterns(), [1, 1, 1]);
    const keys = await suite.keysOfAll(2, 'ok:');
    await Promise.all(keys.map(key => client.set(key, 'value')));
    await client.keyspace.fence();
    recorder.assertOnceEach(keys);
    assert.deepEqual(recorder.gaps, []);
    assert.equal(client.keyspace.status().subscriptions, 1);
  });

  it('tells a pattern that is refused after a reconnection as a gap, once, and does not try for ever', async () => {
    await allow('__keyspace@0__:ok:*', '__keyspace@0__:lost:*');
    const client = await suite.connect({
      defaults,
      expects: NETWORK_ERRORS,
      keyspace: { topologyRefreshInterval: 50 }
    });
    const [staying, losing] = [new Recorder(), new Recorder()];
    staying.follow(await client.subscribeKeyspace('ok:*', staying.listen));
    losing.follow(await client.subscribeKeyspace('lost:*', losing.listen));
    await allow('__keyspace@0__:ok:*');
    await Promise.all(nodes().map(node => suite.cluster.cutClients(node)));
    const refused = () => losing.gaps.filter(({ reason }) => reason === 'refused');
    await waitFor('the refusals to be told', () => refused().length === 3);
    await waitFor(
      'the other to be heard again',
      () => staying.gaps.length && staying.recovered.length === staying.gaps.length
    );
    assert.deepEqual(new Set(refused().map(({ node }) => node)), new Set(nodes().map(({ address }) => address)));
    const rejected = await rejectedCalls(suite.a);
    await sleep(300);
    assert.equal(await rejectedCalls(suite.a), rejected, 'it was sent again');
    assert.equal(refused().length, 3);
    assert(!staying.gaps.some(({ reason }) => reason === 'refused'));
    const keys = await suite.keysOfAll(2, 'ok:');
    await Promise.all(keys.map(key => client.set(key, 'value')));
    await client.keyspace.fence();
    staying.assertOnceEach(keys);
  });

  it('rejects when a node does not answer within subscribeTimeout, naming it, and nothing stays subscribed', async () => {
    const client = await suite.connect({ expects: NETWORK_ERRORS, keyspace: { subscribeTimeout: 1_500 } });
    await suite.cluster.hang(suite.b);
    await assert.rejects(
      client.subscribeKeyspace('slow:*', () => undefined),
      (error: unknown) => {
        assert(error instanceof KeyspaceTimeoutError);
        assert.equal(error.code, 'KEYSPACE_TIMEOUT');
        assert.deepEqual(error.nodes, [suite.b.address]);
        assert(error.message.includes(suite.b.address) && error.message.includes('1500'));
        return true;
      }
    );
    suite.cluster.resume(suite.b);
    await waitFor(
      'nothing to be subscribed',
      async () => (await Promise.all(nodes().map(subscriberConnections))).flat().length === 0
    );
    assert.deepEqual(client.keyspace.status().nodes, []);
    const subscription = await client.subscribeKeyspace('slow:*', () => undefined);
    assert.equal(subscription.coverage.complete, true);
  });

  it('leaves an earlier subscription as it is when a later one times out', async () => {
    const client = await suite.connect({
      expects: NETWORK_ERRORS,
      keyspace: { subscribeTimeout: 400, heartbeatInterval: 0 }
    });
    const recorder = new Recorder();
    recorder.follow(await client.subscribeKeyspace('first:*', recorder.listen));
    await suite.cluster.hang(suite.b);
    await assert.rejects(
      client.subscribeKeyspace('second:*', () => undefined),
      KeyspaceTimeoutError
    );
    suite.cluster.resume(suite.b);
    const keys = await suite.keysOfAll(2, 'first:');
    await Promise.all(keys.map(key => client.set(key, 'value')));
    await waitFor('the later pattern to be gone', async () => (await patterns()).join() === '1,1,1');
    await client.keyspace.fence();
    recorder.assertOnceEach(keys);
    assert.deepEqual(recorder.gaps, []);
  });
});

/** How many PSUBSCRIBE the server has rejected. */
async function rejectedCalls(node: ClusterNode): Promise<number> {
  const stats = await node.info('commandstats');
  return Number(/rejected_calls=(\d+)/.exec(stats.get('cmdstat_psubscribe') ?? '')?.[1] ?? 0);
}
