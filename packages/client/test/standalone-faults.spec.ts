import assert from 'node:assert/strict';
import { matrix, waitFor } from '@redis-keyspace/test-utils';
import { NETWORK_ERRORS } from './error-log';
import { Recorder } from './recorder';
import { subscriberConnections } from './server-side';
import { StandaloneSuite } from './standalone-suite';

matrix('a single server fails', binary => {
  const suite = new StandaloneSuite(binary);
  const connect = () =>
    suite.connect({ keyspace: { heartbeatInterval: 100, heartbeatTimeout: 500 }, expects: NETWORK_ERRORS });
  const faults: readonly [title: string, fault: () => Promise<unknown>][] = [
    ['a restart', () => suite.server.restart()],
    ['kill -9', () => suite.server.kill().then(() => suite.server.restart())],
    ['CLIENT KILL', () => suite.server.command('CLIENT', 'KILL', 'TYPE', 'pubsub')]
  ];

  for (const [title, fault] of faults) {
    it(`tells the gap of ${title} with its times, is back before it hears anything new, and hears afterwards`, async () => {
      const client = await connect();
      const recorder = new Recorder();
      const ofClient: string[] = [];
      client.keyspace.on('gap', () => ofClient.push('gap'));
      client.keyspace.on('recovered', () => ofClient.push('recovered'));
      const subscription = recorder.follow(await client.subscribeKeyspace('fault:*', recorder.listen));
      await suite.write('fault:before');
      await subscription.fence();
      const broken = new Date();
      const subscribed = client.keyspace.status().nodes[0].connectedAt!;
      await fault();
      for (let count = 0; recorder.recovered.length === 0; count++) await suite.write(`fault:${count % 10}`);
      await suite.write('fault:after');
      await subscription.fence();

      const [gap] = recorder.gaps;
      const { address: node } = suite.server;
      assert.deepEqual([gap.reason, gap.node, gap.slots, gap.until], ['disconnected', node, [], undefined]);
      const [recovered] = recorder.recovered;
      assert.deepEqual({ ...recovered, until: undefined }, gap);
      assert(gap.since >= subscribed && gap.since <= recovered.until!);
      assert(recovered.until! >= broken);
      const story = recorder.journal.map(entry =>
        entry.type === 'notification' ? entry.notification.key : entry.type
      );
      assert.equal(story.indexOf('recovered'), story.indexOf('gap') + 1);
      assert.deepEqual([story[0], story.at(-1)], ['fault:before', 'fault:after']);
      assert.deepEqual(ofClient, ['gap', 'recovered']);
      const { open, total } = client.keyspace.status().gaps;
      assert.deepEqual([open, total], [[], 1]);
    });
  }

  it('begins the gap at the last proof that nothing was missed, not when the loss is noticed', async () => {
    const client = await connect();
    const recorder = new Recorder();
    const subscription = recorder.follow(await client.subscribeKeyspace('proof:*', recorder.listen));
    await suite.server.hang();
    const hung = new Date();
    await waitFor('the gap to be told', () => recorder.gaps.length);
    suite.server.resume();
    await waitFor('the gap to be over', () => recorder.recovered.length);
    await subscription.fence();
    const [{ reason, since }] = recorder.gaps;
    assert.equal(reason, 'node-silent');
    assert(since <= hung, `${since.toISOString()} is later than ${hung.toISOString()}`);
  });

  it('tells status, coverage and node-lost while the server is down, and heals all subscriptions', async () => {
    const client = await connect();
    const [a, b] = [new Recorder(), new Recorder()];
    const events: string[] = [];
    client.keyspace.on('node-lost', ({ node, error }) => events.push(`lost ${node} ${error instanceof Error}`));
    client.keyspace.on('node-ready', ({ node }) => events.push(`ready ${node}`));
    const subscription = a.follow(await client.subscribeKeyspace('down:*', a.listen));
    b.follow(await client.subscribeKeyevent('set', b.listen));
    await suite.server.kill();
    await waitFor('the gaps to be told', () => a.gaps.length && b.gaps.length);
    const { address } = suite.server;
    assert.deepEqual({ ...subscription.coverage }, { slots: 0, nodes: [], complete: false });
    const { nodes, gaps } = client.keyspace.status();
    assert.notEqual(nodes[0].state, 'ready');
    assert.deepEqual([nodes[0].node, gaps.open.length], [address, 1]);
    await suite.server.restart();
    await waitFor('the gaps to be over', () => a.recovered.length && b.recovered.length);
    await suite.write('down:1');
    await client.keyspace.fence();
    for (const recorder of [a, b]) recorder.assertOnceEach(['down:1']);
    assert.deepEqual(events, [`ready ${address}`, `lost ${address} true`, `ready ${address}`]);
  });

  it('lets fence() wait for the server to come back', async () => {
    const client = await connect();
    const recorder = new Recorder();
    const subscription = recorder.follow(await client.subscribeKeyspace('wait:*', recorder.listen));
    await suite.server.kill();
    await waitFor('the gap to be told', () => recorder.gaps.length);
    let fenced = false;
    const fence = subscription.fence().then(() => (fenced = true));
    await suite.server.restart();
    assert(!fenced || recorder.recovered.length);
    await fence;
    assert.equal(recorder.recovered.length, 1);
  });
});

matrix('closing a single client', binary => {
  const suite = new StandaloneSuite(binary);
  const endings = ['close', 'destroy'] as const;
  const isSilent = () =>
    waitFor('nothing to be left', async () => (await subscriberConnections(suite.server)).length === 0);

  for (const ending of endings) {
    it(`ends everything with ${ending}(): subscriptions, streams, connections`, async () => {
      const client = await suite.connect();
      const recorder = new Recorder();
      let ends = 0;
      const subscription = await client.subscribeKeyspace('close:*', recorder.listen);
      subscription.on('end', () => ends++);
      const stream = await client.subscribeKeyevent('set');
      await client[ending]();
      assert.equal(ends, 1);
      for await (const _ of stream) assert.fail('nothing comes after the end');
      await subscription.unsubscribe();
      client.keyspace.close();
      client.keyspace.close();
      assert.equal(ends, 1);
      await isSilent();
    });
  }

  it('may be done from within a listener', async () => {
    const client = await suite.connect();
    const heard: string[] = [];
    await client.subscribeKeyspace('within:*', ({ key }) => {
      heard.push(key);
      client.destroy();
    });
    await suite.write('within:1', 'within:2', 'within:3');
    await isSilent();
    assert.deepEqual(heard, ['within:1']);
  });

  it('leaves the client as it is with keyspace.close(), which may subscribe anew', async () => {
    const client = await suite.connect();
    const [before, after] = [new Recorder(), new Recorder()];
    await client.subscribeKeyspace('anew:*', before.listen);
    client.keyspace.close();
    await isSilent();
    assert.equal(await client.ping(), 'PONG');
    const subscription = await client.subscribeKeyspace('anew:*', after.listen);
    await suite.write('anew:1');
    await subscription.fence();
    assert.deepEqual(before.heard, []);
    after.assertOnceEach(['anew:1']);
  });

  it('interrupts the backoff: nothing connects any more', async () => {
    const client = await suite.connect({ expects: NETWORK_ERRORS });
    const recorder = new Recorder();
    recorder.follow(await client.subscribeKeyspace('backoff:*', recorder.listen));
    await suite.server.kill();
    await waitFor('some attempts to have failed', () =>
      client.keyspace.status().nodes.some(({ error }) => /ECONNREFUSED/.test(String(error)))
    );
    client.destroy();
    await suite.server.restart();
    const { nodes, subscriptions, gaps } = client.keyspace.status();
    assert.deepEqual([nodes, subscriptions, gaps.open], [[], 0, []]);
    assert.deepEqual(await subscriberConnections(suite.server), []);
  });

  it('rejects what is being subscribed', async () => {
    const client = await suite.connect();
    await suite.server.hang();
    const subscribing = client.subscribeKeyspace('closing:*', () => undefined);
    client.destroy();
    await assert.rejects(subscribing, /closed/);
    suite.server.resume();
    await isSilent();
  });
});
