import assert from 'node:assert/strict';
import { parseClusterNodes, parsePreferredEndpoints } from './cluster-nodes';
import { describeFleet, fleetNode, orphanedSlots, type Fleet } from './fleet';
import { providerOf } from './provider';
import { serverInfoOf } from './server-info';

const ASKED = { host: 'asked', port: 1 };
const NODES = `a :7000@17000 myself,master - 0 0 1 connected 0-99 200 [150->-b] [151-<-b]
b 10.0.0.2:7001@17001,b.example master - 0 0 2 connected 300-16383
c 10.0.0.3:7002@17002 slave,fail a 0 0 1 disconnected
d 2001:db8::1:7003@17003 slave b 0 0 2 connected
e :0@0 master,noaddr - 0 0 3 disconnected
f 10.0.0.6:7005@17005 handshake - 0 0 0 disconnected
`;

function cluster(nodes: Fleet['nodes']): Fleet {
  return { kind: 'cluster', asked: 'a:1', nodes };
}

describe('parseClusterNodes', () => {
  it('takes roles, slots, moving slots and addresses, those that a node does not know of itself too', () => {
    const nodes = parseClusterNodes(
      NODES,
      ASKED,
      parsePreferredEndpoints([[300, 16_383, ['b.example', 7001, 'b', []]]])
    );
    assert.deepEqual(
      nodes.map(({ address, role, slots }) => [address, role, slots]),
      [
        [
          'asked:7000',
          'primary',
          [
            [0, 99],
            [200, 200]
          ]
        ],
        ['b.example:7001', 'primary', [[300, 16_383]]],
        ['10.0.0.3:7002', 'replica', []],
        ['2001:db8::1:7003', 'replica', []]
      ]
    );
    assert.deepEqual([...nodes[0].movingSlots], [150, 151]);
    assert.deepEqual(orphanedSlots(cluster(nodes)), [
      [100, 199],
      [201, 299]
    ]);
    assert.equal(describeFleet(cluster(nodes)), 'a cluster of 2 primaries and 2 replicas');
  });

  it('takes an answer without names', () => {
    assert.equal(parsePreferredEndpoints([[0, 1, [null, 7000, 'a', []], ['', 7001, 'b', []]]]).size, 0);
    assert.equal(parsePreferredEndpoints('nonsense').size, 0);
  });
});

describe('orphanedSlots', () => {
  it('is none of a whole cluster, and none where there are no slots', () => {
    const whole = fleetNode(ASKED, 'primary', { slots: [[0, 16_383]] });
    assert.deepEqual(orphanedSlots(cluster([whole])), []);
    assert.deepEqual(orphanedSlots({ ...cluster([fleetNode(ASKED, 'primary')]), kind: 'standalone' }), []);
    assert.deepEqual(orphanedSlots(cluster([fleetNode(ASKED, 'primary')])), [[0, 16_383]]);
  });
});

describe('serverInfoOf', () => {
  for (const [info, label, letter] of [
    [{ redis_version: '8.6.3' }, 'Redis 8.6.3', 'o'],
    [{ redis_version: '7.2.4', valkey_version: '9.1.2' }, 'Valkey 9.1.2', 'n'],
    [{ redis_version: '6.3.4', executable: '/usr/bin/keydb-server' }, 'KeyDB 6.3.4', undefined],
    [{}, undefined, undefined]
  ] as const) {
    it(`is ${label} by ${JSON.stringify(info)}`, () => {
      const server = serverInfoOf(new Map(Object.entries(info)));
      assert.equal(server?.label, label);
      assert.equal(letter !== undefined && server?.accepted?.has(letter), letter !== undefined);
    });
  }
});

describe('providerOf', () => {
  for (const [host, provider] of [
    ['name.abc123.ng.0001.euc1.cache.amazonaws.com', 'elasticache'],
    ['clustercfg.name.abc.memorydb.us-east-1.amazonaws.com', 'memorydb'],
    ['name.redis.cache.windows.net', 'azure'],
    ['redis-123.c1.eu-1.ec2.cloud.redislabs.com', 'redis-cloud'],
    ['eu1-name.upstash.io', 'upstash'],
    ['10.0.0.1', 'self-hosted'],
    ['cache.amazonaws.com.example', 'self-hosted']
  ]) {
    it(`is ${provider} by ${host}`, () => assert.equal(providerOf(['127.0.0.1', host]), provider));
  }
});
