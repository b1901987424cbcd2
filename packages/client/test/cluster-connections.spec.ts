import assert from 'node:assert/strict';
import { TcpProxy, matrix, waitFor } from '@redis-keyspace/test-utils';
import { ClusterSuite } from './cluster-suite';
import { NETWORK_ERRORS } from './error-log';
import { Recorder } from './recorder';
import { channelSubscribers, subscriberConnections } from './server-side';

matrix('subscriber connections of a cluster', server => {
  const suite = new ClusterSuite(server);
  const nodes = () => [suite.a, suite.b, suite.c];
  const { resources } = suite.clients;

  /** A door in front of each node, and the map that leads through them. */
  const behindProxies = async () => {
    const proxies = await Promise.all(nodes().map(node => TcpProxy.start(node)));
    for (const proxy of proxies) resources.add(proxy, opened => opened.stop());
    const map = new Map(nodes().map(({ address }, index) => [address, proxies[index]]));
    const nodeAddressMap = (address: string) => {
      const { host, port } = map.get(address)!;
      return { host, port };
    };
    return { proxies, rootNodes: [{ url: proxies[0].url }], nodeAddressMap };
  };

  it('speak RESP 2 when the client does, and bring each key once', async () => {
    const client = await suite.connect({ RESP: 2 });
    const recorder = new Recorder();
    const single = new Recorder();
    const events = new Recorder();
    const keys = await suite.keysOfAll(20, 'resp2:');
    recorder.follow(await client.subscribeKeyspace(['resp2:*', '*2:*'], recorder.listen));
    const handle = await client.subscribeKeyspace(keys[0], single.listen);
    await client.subscribeKeyevent('del', events.listen);
    for (const node of nodes()) assert.equal((await subscriberConnections(node)).length, 1);
    await Promise.all(keys.map(key => client.set(key, 'value')));
    await Promise.all(keys.map(key => client.del(key)));
    await client.keyspace.fence();
    recorder.assertOnceEach(keys, 'set');
    recorder.assertOnceEach(keys, 'del');
    events.assertOnceEach(keys);
    assert.deepEqual(single.eventsOf(keys[0]), ['set', 'del']);
    await handle.unsubscribe();
    assert.equal(await channelSubscribers(suite.a, `__keyspace@0__:${keys[0]}`), 0);
    assert.deepEqual(recorder.gaps, []);
  });

  it('heal with RESP 2 as well', async () => {
    const client = await suite.connect({ RESP: 2, expects: NETWORK_ERRORS });
    const recorder = new Recorder();
    const subscription = recorder.follow(await client.subscribeKeyspace('resp2cut:*', recorder.listen));
    await Promise.all(nodes().map(node => suite.cluster.cutClients(node)));
    await waitFor('recovered', () => recorder.recovered.length === 3);
    const keys = await suite.keysOfAll(5, 'resp2cut:');
    await Promise.all(keys.map(key => client.set(key, 'value')));
    await subscription.fence();
    recorder.assertOnceEach(keys);
  });

  it('go where nodeAddressMap leads, and name nodes by their own addresses', async () => {
    const { proxies, ...options } = await behindProxies();
    const client = await suite.connect(options);
    const connections = () => proxies.map(proxy => proxy.connections);
    const before = connections();
    const recorder = new Recorder();
    const subscription = await client.subscribeKeyspace('mapped:*', recorder.listen);
    const expected = before.map(count => count + 1).join();
    await waitFor('one more connection through each door', () => connections().join() === expected);
    const keys = await suite.keysOfAll(5, 'mapped:');
    await Promise.all(keys.map(key => client.set(key, 'value')));
    await subscription.fence();
    recorder.assertOnceEach(keys);
    assert.deepEqual(recorder.nodes(), new Set(nodes().map(({ address }) => address)));
  });

  it('that a network swallows without a word are told as silent, and replaced', async () => {
    const { proxies, ...options } = await behindProxies();
    const keyspace = { heartbeatInterval: 100, heartbeatTimeout: 300 };
    const client = await suite.connect({ ...options, expects: NETWORK_ERRORS, keyspace });
    const recorder = new Recorder();
    const subscription = recorder.follow(await client.subscribeKeyspace('stalled:*', recorder.listen));
    proxies[1].stall();
    await waitFor('the gap to be told', () => recorder.gaps.length);
    assert.deepEqual(
      recorder.gaps.map(({ reason, node }) => [reason, node]),
      [['node-silent', suite.b.address]]
    );
    assert.equal(subscription.coverage.complete, false);
    proxies[1].cut();
    proxies[1].resume();
    await waitFor('recovered', () => recorder.recovered.length === recorder.gaps.length);
    const keys = await suite.keysOfAll(5, 'stalled:');
    await Promise.all(
      nodes().flatMap((node, index) =>
        keys.slice(index * 5, index * 5 + 5).map(key => node.command('SET', key, 'value'))
      )
    );
    await subscription.fence();
    recorder.assertOnceEach(keys);
  });

  it('are of no concern to commands: the client goes on as before', async () => {
    const client = await suite.connect();
    await client.subscribeKeyspace('*', () => undefined);
    const keys = await suite.keysOfAll(3, 'plain:');
    for (const key of keys) assert.equal(await client.set(key, key), 'OK');
    assert.deepEqual(await Promise.all(keys.map(key => client.get(key))), keys);
    assert.deepEqual(await client.multi().set(keys[0], '1').incr(keys[0]).exec(), ['OK', 2]);
    for (const node of nodes()) assert.deepEqual(await subscriberConnections(node), [{ sub: 0, psub: 1 }]);
  });

  it('are subscribed with the keyPrefix of the client, exact keys at the owner of the prefixed one', async () => {
    const client = await suite.connect({ keyPrefix: 'app[1]:' });
    const recorder = new Recorder();
    const single = new Recorder();
    const keys = Array.from({ length: 30 }, (_, index) => `prefixed:${index}`);
    await client.subscribeKeyspace('prefixed:*', recorder.listen);
    const handle = await client.subscribeKeyspace('prefixed:7', single.listen);
    const owner = await suite.cluster.ownerOf('app[1]:prefixed:7');
    assert.deepEqual(handle.coverage, { slots: 1, nodes: [owner.address], complete: true });
    await Promise.all(keys.map(key => client.set(key, key)));
    const other = await suite.cluster.ownerOf('app1:prefixed:7');
    await other.command('SET', 'app1:prefixed:7', 'value');
    await client.keyspace.fence();
    recorder.assertOnceEach(keys);
    single.assertOnceEach(['prefixed:7']);
    assert.equal(await client.get(single.heard[0].key), 'prefixed:7');
  });
});
