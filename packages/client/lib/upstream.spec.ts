import assert from 'node:assert/strict';
import { createClient, createClientPool, createCluster, createSentinel } from '@redis/client';
import {
  clusterNodeOptions,
  clusterRootOptions,
  keyPrefixOf,
  kindOf,
  onRediscovery,
  respOf,
  selfOf,
  sentinelNodeOptions,
  sentinelOptions,
  type UpstreamCluster,
  type UpstreamSentinel
} from './upstream';

const ROOT = { url: 'redis://127.0.0.1:1' };
const sentinel = () =>
  createSentinel({
    name: 'mymaster',
    sentinelRootNodes: [{ host: '127.0.0.1', port: 1 }],
    nodeClientOptions: { password: 'p' }
  });
const clusterOf = (options: object) => createCluster({ rootNodes: [ROOT], ...options }) as unknown as UpstreamCluster;

describe('the kind of a client', () => {
  const KINDS: readonly [what: string, make: () => unknown, kind: string | undefined][] = [
    ['a client', () => createClient(), 'client'],
    ['a client by withTypeMapping()', () => createClient().withTypeMapping({}), 'client'],
    ['a pool', () => createClientPool(), 'pool'],
    ['a cluster', () => createCluster({ rootNodes: [ROOT] }), 'cluster'],
    ['a cluster by withTypeMapping()', () => createCluster({ rootNodes: [ROOT] }).withTypeMapping({}), 'cluster'],
    ['a sentinel', sentinel, 'sentinel'],
    ['nothing', () => undefined, undefined],
    ['null', () => null, undefined],
    ['a string', () => 'redis://', undefined],
    ['a function', () => createClient, undefined],
    ['an empty object', () => ({}), undefined],
    ['an array', () => [], undefined],
    ['what merely subscribes', () => ({ pSubscribe: () => {}, subscribe: () => {} }), undefined]
  ];
  for (const [what, make, kind] of KINDS) {
    it(`${kind ?? 'none'} is that of ${what}`, () => assert.equal(kindOf(make()), kind));
  }

  it('is that of one object behind its proxies', () => {
    const client = createClient();
    assert.equal(selfOf(client.withTypeMapping({})), selfOf(client));
    const plain = {};
    assert.equal(selfOf(plain), plain);
  });
});

describe('options as upstream makes them', () => {
  it('RESP 3 unless told otherwise', () => {
    assert.deepEqual([respOf({}), respOf({ RESP: 2 } as never), respOf({ RESP: 3 })], [3, 2, 3]);
  });

  it('the key prefix, as bytes', () => {
    assert.deepEqual(keyPrefixOf({}), Buffer.alloc(0));
    assert.deepEqual(keyPrefixOf({ _keyPrefix: 'é' }), Buffer.from('é'));
    assert.deepEqual(keyPrefixOf({ _keyPrefix: Buffer.from([255]) }), Buffer.from([255]));
  });

  it('of a discovered node: the defaults, with its address', () => {
    const cluster = clusterOf({ RESP: 2, defaults: { password: 'p', socket: { tls: true, connectTimeout: 7 } } });
    const { password, RESP, socket } = clusterNodeOptions(cluster, '10.0.0.1', 7000);
    assert.deepEqual(
      [password, RESP, socket],
      ['p', 2, { tls: true, connectTimeout: 7, host: '10.0.0.1', port: 7000 }]
    );
  });

  const MAPS: readonly [what: string, nodeAddressMap: unknown][] = [
    ['an object', { '10.0.0.1:7000': { host: 'mapped', port: 1 } }],
    ['a function', (address: string) => (address === '10.0.0.1:7000' ? { host: 'mapped', port: 1 } : undefined)]
  ];
  for (const [what, nodeAddressMap] of MAPS) {
    it(`of a node that is mapped by ${what}, and of one that is not`, () => {
      const cluster = clusterOf({ nodeAddressMap });
      assert.deepEqual(clusterNodeOptions(cluster, '10.0.0.1', 7000).socket, { host: 'mapped', port: 1 });
      assert.deepEqual(clusterNodeOptions(cluster, '10.0.0.2', 7000).socket, { host: '10.0.0.2', port: 7000 });
      const options = { nodeAddressMap, nodeClientOptions: { password: 'p', socket: { connectTimeout: 7 } } } as never;
      assert.deepEqual(sentinelNodeOptions(options, '10.0.0.1', 7000).socket, {
        connectTimeout: 7,
        host: 'mapped',
        port: 1
      });
      assert.equal(sentinelNodeOptions(options, '10.0.0.2', 7000).password, 'p');
    });
  }

  it('of a root node: those of its URL before its own, before the defaults', () => {
    const [byUrl, plain] = clusterRootOptions(
      clusterOf({
        rootNodes: [
          { url: 'rediss://user:secret@one.example:7001' },
          { username: 'own', socket: { host: 'two.example', port: 7002 } }
        ],
        defaults: { username: 'default', password: 'p', socket: { connectTimeout: 7 } }
      })
    );
    assert.deepEqual([byUrl.username, byUrl.password], ['user', 'secret']);
    assert.deepEqual(byUrl.socket, { connectTimeout: 7, host: 'one.example', port: 7001, tls: true });
    assert.deepEqual(
      [plain.username, plain.password, plain.socket],
      ['own', 'p', { connectTimeout: 7, host: 'two.example', port: 7002 }]
    );
  });

  it('of a sentinel client, which keeps them to itself, without making another', () => {
    const options = sentinelOptions(sentinel() as unknown as UpstreamSentinel);
    assert.deepEqual([options.name, options.nodeClientOptions], ['mymaster', { password: 'p' }]);
  });
});

describe('rediscovery', () => {
  it('tells whoever listens, and not any more afterwards', async () => {
    const cluster = clusterOf({});
    (cluster as unknown as NodeJS.EventEmitter).on('error', () => {});
    let told = 0;
    const stop = onRediscovery(cluster, () => told++);
    await cluster._slots.rediscover().catch(() => undefined);
    stop();
    await cluster._slots.rediscover().catch(() => undefined);
    assert.equal(told, 1);
  });
});
