import assert from 'node:assert/strict';
import * as redis from 'redis';
import * as ours from '../index';

/** What a function throws, or undefined. */
function thrownBy(call: () => unknown): unknown {
  try {
    call();
    return undefined;
  } catch (error) {
    return error;
  }
}

const WRONG_CALLS: [title: string, (from: typeof redis) => unknown][] = [
  ['a client with a URL of another protocol', from => from.createClient({ url: 'http://localhost' })],
  ['a client with a URL that is none', from => from.createClient({ url: 'nowhere' })],
  ['a client with a cache and RESP 2', from => from.createClient({ RESP: 2, clientSideCache: {} })],
  ['a client whose socket is null', from => from.createClient({ socket: null } as never)],
  ['a client with options that are no object', from => from.createClient('redis://localhost' as never)],
  ['a pool with a URL of another protocol', from => from.createClientPool({ url: 'http://localhost' })],
  ['a pool with a cache and RESP 2', from => from.createClientPool({ RESP: 2 }, { clientSideCache: {} })],
  ['a cluster without options', from => from.createCluster(undefined as never)],
  ['a cluster without root nodes', from => from.createCluster({} as never)],
  ['a cluster with a cache and RESP 2', from => from.createCluster({ rootNodes: [], RESP: 2, clientSideCache: {} })],
  ['a Sentinel client without options', from => from.createSentinel(undefined as never)],
  ['a Sentinel client without root nodes', from => from.createSentinel({ name: 'main' } as never)],
  [
    'a Sentinel client with a cache and RESP 2',
    from => from.createSentinel({ name: 'main', sentinelRootNodes: [], RESP: 2, clientSideCache: {} })
  ]
];

describe('a call with wrong options', () => {
  for (const [title, call] of WRONG_CALLS) {
    it(`does what it does in redis: ${title}`, () => {
      const expected = thrownBy(() => call(redis));
      const actual = thrownBy(() => call(ours));
      assert.equal(actual instanceof Error, expected instanceof Error);
      assert.deepEqual(actual, expected);
    });
  }

  for (const [kind, create] of [
    ['client', (keyspace: never) => ours.createClient({ keyspace })],
    ['pool', (keyspace: never) => ours.createClientPool({ keyspace })],
    ['cluster', (keyspace: never) => ours.createCluster({ rootNodes: [], keyspace })],
    ['sentinel', (keyspace: never) => ours.createSentinel({ name: 'main', sentinelRootNodes: [], keyspace })]
  ] as const) {
    it(`refuses wrong keyspace options of a ${kind}, quoting them`, () => {
      for (const [wrong, message] of [
        [null, /^keyspace must be an object, got object null/],
        ['check', /^keyspace must be an object, got "check"/],
        [{ heartbeat: 1 }, /^keyspace must be .*, got object with heartbeat/],
        [{ notifyKeyspaceEvents: 'KEA' }, /^keyspace\.notifyKeyspaceEvents must be .*, got "KEA"/],
        [{ subscribeTimeout: '1s' }, /^keyspace\.subscribeTimeout must be .*, got "1s"/]
      ] as const) {
        assert.throws(() => create(wrong as never), {
          name: 'KeyspaceArgumentError',
          code: 'KEYSPACE_ARGUMENT',
          message
        });
      }
    });
  }

  it('refuses to share the connection of anything but a single client', () => {
    const keyspace = { shareConnection: true };
    assert.doesNotThrow(() => ours.createClient({ keyspace }));
    for (const create of [
      () => ours.createClientPool({ keyspace }),
      () => ours.createCluster({ rootNodes: [], keyspace }),
      () => ours.createSentinel({ name: 'main', sentinelRootNodes: [], keyspace })
    ]) {
      assert.throws(create, { name: 'KeyspaceUnsupportedError', code: 'KEYSPACE_UNSUPPORTED' });
    }
  });
});

describe('the options of a client', () => {
  it('reach redis without keyspace, and are not changed', () => {
    const options = { url: 'redis://127.0.0.1:6379/3', keyspace: { heartbeatInterval: 0 } };
    const client = ours.createClient(options);
    assert.equal('keyspace' in client.options, false);
    assert.equal(client.options.database, 3);
    assert.deepEqual(options, { url: 'redis://127.0.0.1:6379/3', keyspace: { heartbeatInterval: 0 } });
    const cluster = ours.createCluster({ rootNodes: [], keyspace: {} });
    assert.equal('keyspace' in cluster._options, false);
  });

  it('show nothing new when the client is printed or spread', () => {
    assert.deepEqual(Object.keys(ours.createClient()), Object.keys(redis.createClient()));
    assert.deepEqual(
      Object.keys(ours.createCluster({ rootNodes: [] })),
      Object.keys(redis.createCluster({ rootNodes: [] }))
    );
  });
});

describe('withKeyspace', () => {
  it('refuses what is no client of node-redis 6', () => {
    for (const wrong of [undefined, null, 1, {}, [], new Map(), ours.withKeyspace]) {
      assert.throws(() => ours.withKeyspace(wrong as never), { name: 'KeyspaceArgumentError', argument: 'client' });
    }
  });

  it('gives the same object back, and the same API when asked again', () => {
    const client = redis.createClient();
    const withApi = ours.withKeyspace(client);
    assert.equal(withApi, client);
    const { keyspace } = withApi;
    assert.equal(ours.withKeyspace(client).keyspace, keyspace);
    assert.throws(() => ours.withKeyspace(client, {}), { name: 'KeyspaceError', code: 'KEYSPACE_ATTACHED' });
  });
});
