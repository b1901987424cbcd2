import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createCluster } from '@redis/client';
import { FakeServer, error, stopAll, waitFor, type Reply } from '@redis-keyspace/test-utils';
import { useFakeTimers } from 'sinon';
import type { UpstreamCluster } from '../../upstream';
import { ClusterFront } from './cluster';
import { attachKeyspace } from './with-keyspace';

const closing: (() => void)[] = [];

/** Two scripted primaries; the slots from `border` on belong to the second. */
async function serve() {
  const state = { border: 8_192, epoch: 2, silent: false, databases: 1 };
  const servers: FakeServer[] = [];
  const ranges = () => [
    [0, state.border - 1],
    [state.border, 16_383]
  ];
  const nodes = (myself: FakeServer) =>
    servers
      .map(
        (server, index) =>
          `n${index} ${server.address}@1 ${server === myself ? 'myself,' : ''}master - 0 0 ${index ? state.epoch : 1} connected ${ranges()[index].join('-')}`
      )
      .join('\n');
  const answer =
    (server: () => FakeServer) =>
    ([name, sub]: readonly string[]): Reply | undefined => {
      if (name === 'CONFIG') return new Map([['notify-keyspace-events', 'AKE']]);
      if (name === 'INFO') return 'redis_version:9.0.0\r\nvalkey_version:9.0.0';
      if (name === 'SELECT') return Number(sub) < state.databases ? undefined : error('ERR DB index is out of range');
      if (name !== 'CLUSTER') return undefined;
      if (state.silent) return error('LOADING');
      if (sub === 'NODES') return nodes(server());
      if (sub === 'SLOTS')
        return servers.map((node, index): Reply => [...ranges()[index], [node.host, node.port, `n${index}`, []]]);
      return servers.map(
        (node, index) =>
          new Map<Reply, Reply>([
            ['slots', ranges()[index]],
            [
              'nodes',
              [
                new Map<Reply, Reply>([
                  ['id', `n${index}`],
                  ['port', node.port],
                  ['ip', node.host],
                  ['endpoint', node.host]
                ])
              ]
            ]
          ])
      );
    };
  for (const index of [0, 1]) servers.push(await FakeServer.start({ onCommand: answer(() => servers[index]) }));
  // Without the canaries.
  const names = (index: number) => {
    const all = servers[index].connections.flatMap(({ channels }) => [...channels]);
    return all.filter(name => !name.startsWith('ssubscribe')).sort();
  };
  const say = (index: number, ...message: [pattern: string, channel: string, payload: string]) => {
    for (const connection of servers[index].connections)
      if (connection.channels.has(`psubscribe ${message[0]}`)) connection.pmessage(...message);
  };
  return { servers, state, names, say };
}

async function connected(RESP: 2 | 3 = 3, keyspace: object = {}) {
  const served = await serve();
  const plain = createCluster({ rootNodes: [{ url: served.servers[0].url }], RESP });
  const errors: Error[] = [];
  plain.on('error', failure => errors.push(failure as Error));
  const cluster = attachKeyspace(plain, {
    heartbeatInterval: 0,
    topologyRefreshInterval: 30,
    subscribeTimeout: 2_000,
    ...keyspace
  });
  closing.push(() => plain.destroy());
  await plain.connect();
  return { cluster, plain, errors, ...served };
}

describe('a cluster with the keyspace API', () => {
  after(stopAll);
  afterEach(() =>
    closing.splice(0).forEach(close => {
      try {
        close();
      } catch {
        // Closed by the test.
      }
    })
  );

  const PATTERN = '__keyspace@0__:*';

  for (const RESP of [2, 3] as const) {
    it(`subscribes every primary, over RESP${RESP}, and hears each`, async () => {
      const { cluster, names, say, servers } = await connected(RESP);
      const heard: string[] = [];
      const subscription = await cluster.subscribeKeyspace('*', ({ key, node }) => heard.push(`${key} ${node}`));
      assert.deepEqual([names(0), names(1)], [[`psubscribe ${PATTERN}`], [`psubscribe ${PATTERN}`]]);
      // foo is in slot 12,182 and bar in 5,061.
      say(0, PATTERN, '__keyspace@0__:bar', 'set');
      say(1, PATTERN, '__keyspace@0__:foo', 'set');
      await subscription.fence();
      assert.deepEqual(heard.sort(), [`bar ${servers[0].address}`, `foo ${servers[1].address}`]);
    });
  }

  it('follows an exact key when its slot moves, tells the change, and lets upstream follow', async () => {
    const { cluster, names, state, plain } = await connected();
    // One of many: few are subscribed everywhere. All of them are in the slot of foo.
    const others = Array.from({ length: 1_000 }, (_, index) => `{foo}${index}`);
    await cluster.subscribeKeyspace(['foo', ...others], () => {});
    assert.deepEqual([names(0).length, names(1).length], [0, 1_001]);
    const changed = once(cluster.keyspace, 'topology-change');
    Object.assign(state, { border: 13_000 });
    await changed;
    await waitFor('the key to be followed', () => names(0).length === 1_001 && !names(1).length, { interval: 1 });
    await waitFor('the slot map', () => plain.slots[12_182].master.id === plain.slots[0].master.id, { interval: 1 });
  });

  it('changes nothing when no node can say, and asks again', async () => {
    const { cluster, state } = await connected();
    const subscription = await cluster.subscribeKeyspace('*', () => {});
    state.silent = true;
    await cluster.keyspace.fence();
    assert.equal(subscription.coverage.complete, true);
    state.silent = false;
    await subscription.fence();
  });

  it('waits a moment for the others when one has answered, and for one that hangs no longer', async () => {
    const { plain, servers } = await connected();
    const nodes = `n0 ${servers[0].address}@1 master - 0 0 1 connected 0-16383`;
    const clock = useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      let seen = 0;
      const witness = (look: () => Promise<string>) => ({
        node: { role: 'primary' as const },
        address: servers[0].address,
        state: 'ready',
        look,
        command: <T>() => Promise.resolve([] as T)
      });
      const late = new Promise<string>(resolve => setTimeout(() => resolve(nodes.replace('n0', 'n1')), 190));
      const witnesses = [witness(() => new Promise(() => {})), witness(() => late), witness(async () => nodes)];
      const looked = new ClusterFront(plain as UpstreamCluster)
        .look({
          current: undefined,
          hinted: new Set(),
          nodes: new Map(witnesses.map((each, index) => [`${index}`, each]))
        })
        .then(topology => (seen = topology!.nodes.size));
      await clock.tickAsync(199);
      assert.equal(seen, 0);
      await clock.tickAsync(1);
      await looked;
      assert.equal(seen, 2);
    } finally {
      clock.restore();
    }
  });

  it('finds its nodes by the roots when upstream is connected to none', async () => {
    const { cluster, plain, servers } = await connected();
    const front = await cluster.keyspace.check();
    assert.deepEqual(
      front.map(({ node }) => node),
      servers.map(({ address }) => address)
    );
    for (const { client } of plain.masters) (client as unknown as { destroy(): void }).destroy();
    assert.equal((await cluster.keyspace.check()).length, 2);
  });

  it('refuses a database that the servers do not have', async () => {
    const { cluster, state } = await connected();
    await assert.rejects(cluster.subscribeKeyspace('a', { database: 5 }), {
      code: 'KEYSPACE_ARGUMENT',
      argument: 'database',
      message: /got number 5/
    });
    state.databases = 16;
    const subscription = await cluster.subscribeKeyspace('a', () => {}, { database: [0, 5] });
    assert.equal(subscription.coverage.complete, true);
  });

  it('rejects as upstream does when it is not connected', async () => {
    const plain = createCluster({ rootNodes: [{ url: 'redis://127.0.0.1:1' }] });
    const cluster = attachKeyspace(plain);
    await assert.rejects(cluster.subscribeKeyspace('a'), /The client is closed/);
  });

  it('reports what listeners throw as errors of the cluster', async () => {
    const { cluster, errors, say } = await connected();
    const subscription = await cluster.subscribeKeyspace('*', () => Promise.reject(new Error('of the user')));
    say(0, PATTERN, '__keyspace@0__:bar', 'set');
    await subscription.fence();
    await waitFor('the error', () => errors.some(({ message }) => message === 'of the user'), { interval: 1 });
  });

  it('leaves no connection behind when it is closed', async () => {
    const { cluster, plain, servers } = await connected();
    const subscription = await cluster.subscribeKeyspace('*', () => {});
    const ended = once(subscription, 'end');
    await plain.close();
    await ended;
    await waitFor('the connections to close', () => servers.every(({ connections }) => connections.length === 0), {
      interval: 1
    });
  });
});
