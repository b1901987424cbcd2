import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { matrix, waitFor } from '@redis-keyspace/test-utils';
import type { KeyNotification, KeyspaceSubscription } from '../index';
import { Recorder } from './recorder';
import { patternCount, subscriberConnections } from './server-side';
import { StandaloneSuite } from './standalone-suite';

const keys = (prefix: string, count: number) => Array.from({ length: count }, (_, index) => `${prefix}${index}`);

matrix('listeners', binary => {
  const suite = new StandaloneSuite(binary);

  it('are called for the first time after subscribe… has resolved, and then with what came before', async () => {
    const client = await suite.connect();
    let stopped = false;
    let written = 0;
    const writer = (async () => {
      for (; !stopped; written++) await suite.write(`early:${written}`);
    })();
    for (let round = 0; round < 10; round++) {
      let resolved = false;
      const tooEarly: string[] = [];
      let heard = 0;
      const handle = await client.subscribeKeyspace('early:*', ({ key }) => {
        heard++;
        if (!resolved) tooEarly.push(key);
      });
      resolved = true;
      await waitFor('some to be heard', () => heard > 5, { interval: 1 });
      await handle.unsubscribe();
      assert.deepEqual(tooEarly, []);
    }
    stopped = true;
    await writer;
  });

  it('that throw or reject reach the client’s error, and nothing else is lost', async () => {
    const client = await suite.connect({ expects: /^Error (thrown|rejected)/ });
    const errors: string[] = [];
    client.on('error', (error: Error) => errors.push(error.message));
    const calm = new Recorder();
    const order: string[] = [];
    await client.subscribeKeyspace('bad:*', ({ key }) => {
      order.push(key);
      throw new Error(`thrown ${key}`);
    });
    await client.subscribeKeyspace('bad:*', calm.listen);
    await client.subscribeKeyspace('bad:*', ({ key }) => Promise.reject(new Error(`rejected ${key}`)));
    const all = keys('bad:', 20);
    await suite.write(...all);
    await client.keyspace.fence();
    await waitFor('the errors', () => errors.length === 40);
    assert.deepEqual(order, all);
    calm.assertOnceEach(all);
    assert.deepEqual(new Set(errors), new Set(all.flatMap(key => [`thrown ${key}`, `rejected ${key}`])));
    assert.deepEqual(client.keyspace.status().gaps.total, 0);
  });

  it('may unsubscribe from within: nothing comes after', async () => {
    const client = await suite.connect();
    const heard: string[] = [];
    let ended: Promise<void> | undefined;
    const subscription = await client.subscribeKeyspace('once:*', ({ key }) => {
      heard.push(key);
      ended = subscription.unsubscribe();
    });
    const others = new Recorder();
    await client.subscribeKeyspace('once:*', others.listen);
    await Promise.all(keys('once:', 50).map(key => client.set(key, 'value')));
    await client.keyspace.fence();
    await ended;
    assert.deepEqual(heard, ['once:0']);
    assert.equal(others.heard.length, 50);
  });

  it('may subscribe from within, and what is subscribed then hears what is written then', async () => {
    const client = await suite.connect();
    const inner = new Recorder();
    let subscribed: Promise<KeyspaceSubscription> | undefined;
    const outer = await client.subscribeKeyspace('outer', () => {
      subscribed ??= client.subscribeKeyspace('inner', inner.listen);
    });
    await suite.write('outer');
    await outer.fence();
    await subscribed;
    await suite.write('inner');
    await client.keyspace.fence();
    inner.assertOnceEach(['inner']);
  });

  it('that are asynchronous are called one at a time, in order, and fence() waits for them', async () => {
    const client = await suite.connect();
    const order: string[] = [];
    let running = 0;
    let most = 0;
    const subscription = await client.subscribeKeyspace('slow:*', async ({ key }) => {
      most = Math.max(most, ++running);
      await nextTurn();
      order.push(key);
      running--;
    });
    const all = keys('slow:', 200);
    await Promise.all(all.map(key => client.set(key, 'value')));
    await subscription.fence();
    // The last one has been handed over, and may not have finished.
    await waitFor('the last to finish', () => order.length === all.length);
    assert.deepEqual(order, all);
    assert.equal(most, 1);
  });

  it('end with their subscription, unsubscribeKeyspace(target, listener) and unsubscribeKeyevent()', async () => {
    const client = await suite.connect();
    const [a, b, c] = [new Recorder(), new Recorder(), new Recorder()];
    await client.subscribeKeyspace(['end:1', 'end:2'], a.listen);
    await client.subscribeKeyspace('end:*', b.listen);
    await client.subscribeKeyevent('set', c.listen, { keys: 'end:*' });
    await client.unsubscribeKeyspace('end:1', a.listen);
    await client.unsubscribeKeyevent();
    await suite.write('end:1', 'end:2');
    await client.keyspace.fence();
    a.assertOnceEach(['end:2']);
    b.assertOnceEach(['end:1', 'end:2']);
    assert.deepEqual(c.heard, []);
    await client.unsubscribeKeyspace();
    assert.deepEqual(client.keyspace.status().nodes, []);
    await waitFor('nothing to be left', async () => (await subscriberConnections(suite.server)).length === 0);
  });

  it('that come and go concurrently converge to those that stay', async () => {
    const client = await suite.connect();
    const kept = new Recorder();
    const churn = async (name: string) => {
      for (let round = 0; round < 15; round++) {
        const handle = await client.subscribeKeyspace(`${name}*`, () => undefined);
        if (round % 2) await nextTurn();
        await handle.unsubscribe();
      }
    };
    await Promise.all(['churn:', 'churn:', 'chu', 'other:'].map(churn));
    const both = await Promise.all([
      client.subscribeKeyspace('churn:*', kept.listen),
      client.unsubscribeKeyspace('other:*'),
      ...['churn:', 'other:'].map(churn)
    ]);
    await suite.write('churn:1', 'other:1');
    await both[0].fence();
    kept.assertOnceEach(['churn:1']);
    assert.equal(await patternCount(suite.server), 1);
    await both[0].unsubscribe();
    await waitFor('nothing to be left', async () => (await subscriberConnections(suite.server)).length === 0);
  });
});

matrix('ends of subscriptions', binary => {
  const suite = new StandaloneSuite(binary);

  it('`await using` unsubscribes at the end of the block', async () => {
    const client = await suite.connect();
    const recorder = new Recorder();
    {
      await using subscription = await client.subscribeKeyspace('using:*', recorder.listen);
      await suite.write('using:1');
      await subscription.fence();
      assert.equal(await patternCount(suite.server), 1);
    }
    await suite.write('using:2');
    await client.subscribeKeyspace('later', () => undefined);
    await client.keyspace.fence();
    recorder.assertOnceEach(['using:1']);
    assert.equal(await patternCount(suite.server), 0);
  });

  it('a signal that has aborted already rejects with its reason, and nothing is connected', async () => {
    const client = await suite.connect();
    const reason = new Error('not any more');
    const abortSignal = AbortSignal.abort(reason);
    await assert.rejects(client.subscribeKeyspace('abort:*', { abortSignal }), error => error === reason);
    assert.deepEqual(client.keyspace.status().nodes, []);
  });

  it('a signal that aborts while subscribing rejects with its reason, and nothing is left', async () => {
    const client = await suite.connect();
    const controller = new AbortController();
    const reason = new Error('changed my mind');
    await suite.server.hang();
    const { signal: abortSignal } = controller;
    const subscribing = client.subscribeKeyspace('abort:*', () => undefined, { abortSignal });
    await nextTurn();
    controller.abort(reason);
    await assert.rejects(subscribing, error => error === reason);
    suite.server.resume();
    assert.deepEqual(client.keyspace.status().nodes, []);
    await waitFor('nothing to be left', async () => (await patternCount(suite.server)) === 0);
  });

  it('a signal that aborts later ends the subscription, and only that one', async () => {
    const client = await suite.connect();
    const controller = new AbortController();
    const [ending, staying] = [new Recorder(), new Recorder()];
    let ends = 0;
    const { signal: abortSignal } = controller;
    const subscription = await client.subscribeKeyspace('abort:*', ending.listen, { abortSignal });
    subscription.on('end', () => ends++);
    await client.subscribeKeyspace('abort:*', staying.listen, { abortSignal: new AbortController().signal });
    await suite.write('abort:1');
    await client.keyspace.fence();
    controller.abort();
    assert.equal(ends, 1);
    await suite.write('abort:2');
    await client.keyspace.fence();
    ending.assertOnceEach(['abort:1']);
    staying.assertOnceEach(['abort:1', 'abort:2']);
    assert.deepEqual({ ...subscription.coverage }, { slots: 0, nodes: [], complete: false });
    await assert.rejects(subscription.fence(), { code: 'KEYSPACE_CLOSED' });
  });
});

matrix('streams', binary => {
  const suite = new StandaloneSuite(binary);
  const collect = async (stream: AsyncIterable<KeyNotification>, count: number) => {
    const heard: string[] = [];
    for await (const { key } of stream) if (heard.push(key) === count) break;
    return heard;
  };

  it('are read with `for await`, in order, and `break` ends the subscription', async () => {
    const client = await suite.connect();
    const stream = await client.subscribeKeyspace('stream:*');
    const all = keys('stream:', 100);
    await suite.write(...all);
    await stream.fence();
    assert.deepEqual(await collect(stream, 100), all);
    assert.deepEqual(client.keyspace.status().nodes, []);
    await waitFor('nothing to be left', async () => (await patternCount(suite.server)) === 0);
    assert.deepEqual(await collect(stream, 1), []);
  });

  it('give what comes while they are read', async () => {
    const client = await suite.connect();
    const stream = await client.subscribeKeyevent('set');
    const reading = collect(stream, 3);
    for (const key of ['a', 'b', 'c']) {
      await suite.write(key);
      await client.ping();
    }
    assert.deepEqual(await reading, ['a', 'b', 'c']);
  });

  it('give batches of at most `max`, everything in order', async () => {
    const client = await suite.connect();
    const stream = await client.subscribeKeyspace('batch:*');
    const all = keys('batch:', 250);
    await suite.write(...all);
    await stream.fence();
    const sizes: number[] = [];
    const heard: string[] = [];
    for await (const batch of stream.batches({ max: 100 })) {
      sizes.push(batch.length);
      heard.push(...batch.map(({ key }) => key));
      if (heard.length === all.length) break;
    }
    assert.deepEqual(sizes, [100, 100, 50]);
    assert.deepEqual(heard, all);
  });

  it('end when they are unsubscribed, aborted, or the client is closed', async () => {
    const controller = new AbortController();
    const client = await suite.connect();
    const unsubscribed = await client.subscribeKeyspace('ending');
    const aborted = await client.subscribeKeyspace('ending', { abortSignal: controller.signal });
    const closed = await client.subscribeKeyspace('ending');
    const reading = [unsubscribed, aborted, closed].map(stream => collect(stream, 1));
    await unsubscribed.unsubscribe();
    controller.abort();
    await client.close();
    assert.deepEqual(await Promise.all(reading), [[], [], []]);
  });
});
