import assert from 'node:assert/strict';
import { parseClusterNodes, roleOf } from './cluster-view';

/** CLUSTER NODES as servers wrote it, but for the ids, which were shortened. */
const SERVERS = {
  'Redis 7.0': `b2 127.0.0.1:19761@29761 master - 0 1795181436416 2 connected 8192-16383
a3 127.0.0.1:12785@22785 slave a1 0 1795181436011 1 connected
a1 127.0.0.1:19019@29019,node-1.example myself,master - 0 1795181436000 1 connected 0-8191 [7->-b2] [16000-<-b2]
b4 127.0.0.1:16831@26831 slave b2 0 1795181436011 2 connected
`,
  'Redis 8.6': `b4 127.0.0.1:16831@26831 slave b2 0 1795181438240 2 connected
a1 127.0.0.1:19019@29019,node-1.example myself,master - 0 0 1 connected 0-8191 [7->-b2] [16000-<-b2]
a3 127.0.0.1:12785@22785 slave a1 0 1795181438648 1 connected
b2 127.0.0.1:19761@29761 master - 0 1795181438000 2 connected 8192-16383
`,
  'Valkey 9.1': `a3 127.0.0.1:12785@22785 slave a1 0 1795181440109 1 connected
a1 127.0.0.1:19019@29019,node-1.example myself,master - 0 0 1 connected 0-8191 [7->-b2] [16000-<-b2]
b2 127.0.0.1:19761@29761 master - 0 1795181440129 2 connected 8192-16383
b4 127.0.0.1:16831@26831 slave b2 0 1795181440815 2 connected
`,
  'KeyDB 6.3': `b2 127.0.0.1:19761@29761 master - 0 1795181440129 2 connected 8192-16383
a1 127.0.0.1:19019@29019 myself,master - 0 1795181440000 1 connected 0-8191 [7->-b2] [16000-<-b2]
a3 127.0.0.1:12785@22785 slave a1 0 1795181440109 1 connected
b4 127.0.0.1:16831@26831 slave b2 0 1795181440815 2 connected
`
};

describe('CLUSTER NODES', () => {
  for (const [server, text] of Object.entries(SERVERS)) {
    it(`reads what ${server} says: roles, epochs, slots and moves under way`, () => {
      const view = parseClusterNodes(text);
      assert.equal(view.myself, 'a1');
      const myself = view.nodes.get('a1')!;
      assert.deepEqual(myself.slots, [[0, 8_191]]);
      assert.deepEqual([[...myself.migrating], [...myself.importing]], [[7], [16_000]]);
      assert.deepEqual([myself.host, myself.port, myself.configEpoch], ['127.0.0.1', 19_019, 1]);
      assert.equal(view.nodes.get('b4')!.primaryId, 'b2');
      assert.deepEqual(view.nodes.get('b2')!.slots, [[8_192, 16_383]]);
      assert.deepEqual(
        ['a1', 'a3'].map(id => roleOf(view.nodes.get(id)!)),
        ['primary', 'replica']
      );
    });
  }

  it('knows the hostname where one is announced', () => {
    assert.equal(parseClusterNodes(SERVERS['Redis 7.0']).nodes.get('a1')!.hostname, 'node-1.example');
    assert.equal(parseClusterNodes(SERVERS['KeyDB 6.3']).nodes.get('a1')!.hostname, '');
  });

  const ADDRESSES: readonly [written: string, host: string, port: number][] = [
    ['10.0.0.1:7000@17000', '10.0.0.1', 7_000],
    ['10.0.0.1:7000', '10.0.0.1', 7_000],
    ['::1:7000@17000', '::1', 7_000],
    ['2001:db8::1:7000@17000,h.example', '2001:db8::1', 7_000],
    ['10.0.0.1:7000@17000,', '10.0.0.1', 7_000],
    [':7000@17000', '', 7_000],
    [':0@0', '', 0]
  ];
  for (const [written, host, port] of ADDRESSES) {
    it(`reads the address ${written}`, () => {
      const node = parseClusterNodes(`a ${written} master - 0 0 1 connected 5`).nodes.get('a')!;
      assert.deepEqual([node.host, node.port], [host, port]);
    });
  }

  it('reads single slots and ranges in any number, and takes no move for a slot', () => {
    const { slots, importing } = parseClusterNodes(
      'a h:1@2 master - 0 0 1 connected 5 7-9 16383 [11-<-b] [x]'
    ).nodes.get('a')!;
    assert.deepEqual(slots, [
      [5, 5],
      [7, 9],
      [16_383, 16_383]
    ]);
    assert.deepEqual([...importing], [11]);
  });

  for (const text of [
    '',
    'OK',
    'vars currentEpoch 6 lastVoteEpoch 0',
    'ERR This instance has cluster support disabled',
    '\n\n'
  ]) {
    it(`finds no nodes in ${JSON.stringify(text)}`, () => {
      const { myself, nodes } = parseClusterNodes(text);
      assert.deepEqual([myself, nodes.size], [undefined, 0]);
    });
  }
});
