import assert from 'node:assert/strict';
import { matrix, waitFor } from '@redis-keyspace/test-utils';
import { ClientClosedError } from '@redis/client';
import { ClusterSuite } from './cluster-suite';
import { Recorder } from './recorder';
import { channelSubscribers, clientConnections, patternCount } from './server-side';

matrix('subscriptions of a cluster end', server => {
  const suite = new ClusterSuite(server);
  const patterns = () => Promise.all([suite.a, suite.b, suite.c].map(patternCount));
  const connections = () => Promise.all([suite.a, suite.b, suite.c].map(clientConnections));

  it('ends all of a kind by unsubscribing without arguments, and the other kind goes on', async () => {
    const client = await suite.connect();
    const byKey = new Recorder();
    const byEvent = new Recorder();
    const [key] = await suite.cluster.keysFor(suite.a, 1, 'all:');
    const ended: string[] = [];
    for (const target of ['all:*', 'other:*', key]) {
      const subscription = await client.subscribeKeyspace(target, byKey.listen);
      subscription.on('end', () => ended.push(target));
    }
    await client.subscribeKeyevent('set', byEvent.listen);
    await client.unsubscribeKeyspace();
    assert.deepEqual(ended, ['all:*', 'other:*', key]);
    assert.deepEqual(await patterns(), [0, 0, 0]);
    assert.equal(await channelSubscribers(suite.a, `__keyspace@0__:${key}`), 0);
    await client.set(key, 'value');
    await client.keyspace.fence();
    assert.deepEqual(byKey.heard, []);
    byEvent.assertOnceEach([key]);
    await client.unsubscribeKeyevent();
    assert.deepEqual(client.keyspace.status().nodes, []);
  });

  it('ends what was subscribed by one target, out of several in one call too', async () => {
    const client = await suite.connect();
    const recorder = new Recorder();
    const several = new Recorder();
    await client.subscribeKeyspace('one:*', recorder.listen);
    await client.subscribeKeyspace(['one:*', 'two:*'], several.listen);
    await client.unsubscribeKeyspace('one:*');
    assert.deepEqual(await patterns(), [1, 1, 1]);
    await Promise.all(['one:1', 'two:1'].map(key => client.set(key, 'value')));
    await client.keyspace.fence();
    assert.deepEqual(recorder.heard, []);
    several.assertOnceEach(['two:1']);
    await client.unsubscribeKeyspace('two:*');
    assert.equal(client.keyspace.status().subscriptions, 0);
  });

  it('ends what one listener was subscribed with', async () => {
    const client = await suite.connect();
    const [leaving, staying] = [new Recorder(), new Recorder()];
    for (const { listen } of [leaving, staying]) {
      await client.subscribeKeyevent('set', listen);
      await client.subscribeKeyevent('del', listen);
    }
    await client.unsubscribeKeyevent('set', leaving.listen);
    await client.set('listener', 'value');
    await client.del('listener');
    await client.keyspace.fence();
    assert.deepEqual(leaving.eventsOf('listener'), ['del']);
    assert.deepEqual(staying.eventsOf('listener').sort(), ['del', 'set']);
    await client.unsubscribeKeyevent(undefined, staying.listen);
    assert.equal(client.keyspace.status().subscriptions, 1);
  });

  it('delivers nothing after unsubscribe() has resolved, and once is as good as twice', async () => {
    const client = await suite.connect();
    const recorder = new Recorder();
    const subscription = await client.subscribeKeyspace('idem:*', recorder.listen);
    await client.subscribeKeyevent('set');
    const keys = await suite.keysOfAll(50, 'idem:');
    const writes = keys.map(key => client.set(key, 'value'));
    await Promise.all([subscription.unsubscribe(), subscription.unsubscribe()]);
    const count = recorder.heard.length;
    await Promise.all(writes);
    await client.keyspace.fence();
    assert.equal(recorder.heard.length, count);
    await subscription.unsubscribe();
  });

  it('subscribes and unsubscribes from within a listener', async () => {
    const client = await suite.connect();
    const inner = new Recorder();
    const done: Promise<unknown>[] = [];
    const keys = await suite.keysOfAll(1, 'within:');
    const outer = await client.subscribeKeyspace(keys[0], () => {
      done.push(client.subscribeKeyspace('within:*', inner.listen, { events: 'append' }), outer.unsubscribe());
    });
    await client.set(keys[0], 'value');
    await waitFor('the listener to be called', () => done.length);
    await Promise.all(done);
    await Promise.all(keys.map(key => client.append(key, 'more')));
    await client.keyspace.fence();
    inner.assertOnceEach(keys);
    assert.equal(done.length, 2);
    assert.deepEqual(await patterns(), [1, 1, 1]);
  });

  it('converges when one name is unsubscribed and subscribed again and again at the same time', async () => {
    const client = await suite.connect();
    const recorder = new Recorder();
    const key = await suite.cluster.keyFor(suite.b, 'churn:');
    // With somebody else subscribed the connections stay; the last rounds make them anew each time.
    const other = await client.subscribeKeyspace('other:*', () => undefined);
    for (let round = 0; round < 24; round++) {
      if (round === 20) await other.unsubscribe();
      const handles = await Promise.all(
        [0, 1, 2].map(() => client.subscribeKeyspace(['churn:*', key], recorder.listen))
      );
      const again = client.subscribeKeyspace(['churn:*', key], recorder.listen);
      await Promise.all(handles.map(handle => handle.unsubscribe()));
      const last = await again;
      if (round % 2) void last.unsubscribe();
      else await last.unsubscribe();
    }
    const subscription = await client.subscribeKeyspace(['churn:*', key], recorder.listen);
    assert.deepEqual(await patterns(), [1, 1, 1]);
    assert.equal(await channelSubscribers(suite.b, `__keyspace@0__:${key}`), 1);
    await client.set(key, 'value');
    await subscription.fence();
    recorder.assertOnceEach([key]);
    await subscription.unsubscribe();
    assert.deepEqual(await patterns(), [0, 0, 0]);
  });

  it('rejects a subscription after close() and opens no connection for it', async () => {
    const client = await suite.connect();
    const subscription = await client.subscribeKeyspace('closed:*', () => undefined);
    let ended = 0;
    subscription.on('end', () => ended++);
    await client.close();
    assert.equal(ended, 1);
    for (let attempt = 0; attempt < 3; attempt++) {
      await assert.rejects(
        client.subscribeKeyspace('closed:*', () => undefined),
        ClientClosedError
      );
      await assert.rejects(client.subscribeKeyevent('set'), ClientClosedError);
    }
    await subscription.unsubscribe();
    await assert.rejects(subscription.fence(), { code: 'KEYSPACE_CLOSED' });
    await waitFor('the connections to be closed', async () => (await connections()).join() === '0,0,0');
    assert.deepEqual(await patterns(), [0, 0, 0]);
  });

  it('gives up a subscription that is being made when the client is closed', async () => {
    const client = await suite.connect();
    const attempts = Promise.allSettled([
      client.subscribeKeyspace('late:*', () => undefined),
      client.subscribeKeyevent('set')
    ]);
    client.destroy();
    for (const { status } of await attempts) assert.equal(status, 'rejected');
    await waitFor('the connections to be closed', async () => (await connections()).join() === '0,0,0');
  });

  it('closes its notifications again and again, and from within a listener, and the client stays', async () => {
    const client = await suite.connect();
    const heard: string[] = [];
    await client.subscribeKeyspace('close:*', ({ key }) => {
      heard.push(key);
      client.keyspace.close();
      client.keyspace.close();
    });
    await client.set('close:1', 'value');
    await waitFor('the listener to be called', () => heard.length);
    client.keyspace.close();
    await client.set('close:1', 'value');
    await waitFor('the patterns to be gone', async () => (await patterns()).join() === '0,0,0');
    assert.deepEqual(heard, ['close:1']);
    const recorder = new Recorder();
    const subscription = await client.subscribeKeyspace('close:*', recorder.listen);
    await client.set('close:2', 'value');
    await subscription.fence();
    recorder.assertOnceEach(['close:2']);
  });
});
