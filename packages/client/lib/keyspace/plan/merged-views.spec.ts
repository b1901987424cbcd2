import assert from 'node:assert/strict';
import { parseClusterNodes, type ClusterViewNode } from './cluster-view';
import { mergeViews } from './merged-views';
import type { Topology } from './topology';

const byAddress = ({ host, port }: ClusterViewNode) => ({ host, port });

function merge(...texts: string[]): Topology | undefined {
  return mergeViews(texts.map(parseClusterNodes), byAddress);
}

/** `id slots…` of each primary, and `id<primary` of each replica. */
function summary(topology: Topology | undefined): string[] | undefined {
  return (
    topology &&
    [...topology.nodes.values()]
      .map(({ id, role, primaryId, slots }) =>
        role === 'replica' ? `${id}<${primaryId}` : [id, ...slots.map(range => range.join('-'))].join(' ')
      )
      .sort()
  );
}

describe('merged views', () => {
  it('change nothing when no primary owns a slot', () => {
    assert.equal(merge(), undefined);
    assert.equal(merge(''), undefined);
    assert.equal(merge('a h:1@2 myself,master - 0 0 1 connected'), undefined);
    assert.equal(merge('a h:1@2 myself,slave b 0 0 1 connected\nb h:2@3 master,fail - 0 0 1 disconnected'), undefined);
  });

  it('know primaries with one slot and with none', () => {
    const text =
      'a h:1@2 myself,master - 0 0 1 connected 0-16382\nb h:2@3 master - 0 0 2 connected 16383\nc h:3@4 master - 0 0 0 connected';
    assert.deepEqual(summary(merge(text)), ['a 0-16382', 'b 16383-16383', 'c']);
  });

  it('leave out nodes in handshake, without address, without a role and without a port', () => {
    const text = [
      'a h:1@2 myself,master - 0 0 1 connected 0-16383',
      'b h:2@3 handshake - 0 0 0 connected',
      'c :0@0 master,noaddr - 0 0 2 disconnected',
      'd h:4@5 noflags - 0 0 0 connected',
      'e h:0@5 slave a 0 0 1 connected'
    ].join('\n');
    assert.deepEqual(summary(merge(text)), ['a 0-16383']);
  });

  it('keep a failed primary while nobody has taken its slots, and drop it then', () => {
    const failed = 'a h:1@2 master,fail - 0 0 1 disconnected 0-99';
    const replica = 'b h:2@3 myself,slave a 0 0 1 connected';
    assert.deepEqual(summary(merge(`${failed}\n${replica}`)), ['a 0-99', 'b<a']);
    const taken = 'a h:1@2 master,fail - 0 0 1 disconnected\nb h:2@3 myself,master - 0 0 2 connected 0-99';
    assert.deepEqual(summary(merge(taken)), ['b 0-99']);
  });

  it('keep a primary that is only suspected to have failed', () => {
    assert.deepEqual(
      summary(merge('a h:1@2 master,fail? - 0 0 1 connected\nb h:2@3 myself,master - 0 0 2 connected 0-9')),
      ['a', 'b 0-9']
    );
  });

  it('believe the taker of a slot, not a stale view of its former owner', () => {
    const stale =
      'a h:1@2 master - 0 0 1 connected 0-9\nb h:2@3 master - 0 0 2 connected 10-19\nc h:3@4 myself,master - 0 0 3 connected 20';
    const fresh =
      'a h:1@2 master - 0 0 1 connected 0-4\nb h:2@3 myself,master - 0 0 4 connected 5-19\nc h:3@4 master - 0 0 3 connected 20';
    const expected = ['a 0-4', 'b 5-19', 'c 20-20'];
    assert.deepEqual(summary(merge(stale, fresh)), expected);
    assert.deepEqual(summary(merge(fresh, stale)), expected);
  });

  it('do not give a woken old primary its slots back', () => {
    const woken = 'a h:1@2 myself,master - 0 0 1 connected 0-99\nb h:2@3 slave a 0 0 1 connected';
    const others = 'a h:1@2 slave b 0 0 2 connected\nb h:2@3 myself,master - 0 0 2 connected 0-99';
    assert.deepEqual(summary(merge(woken, others)), ['a<b', 'b 0-99']);
    assert.deepEqual(summary(merge(others, woken)), ['a<b', 'b 0-99']);
  });

  it("take a slot from a node that answered and knows it to be nobody's, whatever others say", () => {
    const own = 'a h:1@2 myself,master - 0 0 1 connected 0-9\nb h:2@3 master - 0 0 2 connected 20-29';
    const other = 'a h:1@2 master - 0 0 1 connected 0-19\nb h:2@3 myself,master - 0 0 2 connected 20-29';
    assert.deepEqual(summary(merge(other, own)), ['a 0-9', 'b 20-29']);
  });

  it('believe that a node has taken a slot although its own answer is older', () => {
    const own = 'a h:1@2 myself,master - 0 0 1 connected 0-9 [20-<-b]\nb h:2@3 master - 0 0 2 connected 20-29';
    const later = 'a h:1@2 master - 0 0 3 connected 0-9 20-29\nb h:2@3 myself,master - 0 0 2 connected';
    const topology = merge(own, later);
    assert.deepEqual(summary(topology), ['a 0-9 20-29', 'b']);
    assert.deepEqual([...topology!.nodes.get('a')!.importing], [20]);
  });

  it('give a slot that two nodes claim to the greater epoch, of equals to the smaller id', () => {
    const claims = (a: number, b: number) => [
      `a h:1@2 myself,master - 0 0 ${a} connected 0-9\nb h:2@3 master - 0 0 ${b} connected`,
      `a h:1@2 master - 0 0 ${a} connected\nb h:2@3 myself,master - 0 0 ${b} connected 5-14`
    ];
    for (const [a, b, expected] of [
      [1, 2, ['a 0-4', 'b 5-14']],
      [2, 1, ['a 0-9', 'b 10-14']],
      [1, 1, ['a 0-9', 'b 10-14']]
    ] as const) {
      const views = claims(a, b);
      assert.deepEqual(summary(merge(...views)), expected);
      assert.deepEqual(summary(merge(...views.reverse())), expected);
    }
  });

  it('believe that the node with the greatest epoch has taken one slot more, by which its epoch stays', () => {
    const before = 'a h:1@2 master - 0 0 1 connected 0-9\nb h:2@3 myself,master - 0 0 2 connected 10-19';
    const after = 'a h:1@2 myself,master - 0 0 1 connected 0-8\nb h:2@3 master - 0 0 2 connected 9-19';
    assert.deepEqual(summary(merge(before, after)), ['a 0-8', 'b 9-19']);
    assert.deepEqual(summary(merge(after, before)), ['a 0-8', 'b 9-19']);
  });

  it('know what moves from the line that the node itself wrote', () => {
    const a = 'a h:1@2 myself,master - 0 0 1 connected 0-9 [5->-b]\nb h:2@3 master - 0 0 2 connected 10-19';
    const b = 'a h:1@2 master - 0 0 1 connected 0-9\nb h:2@3 myself,master - 0 0 2 connected 10-19 [5-<-a]';
    for (const topology of [merge(a, b)!, merge(b, a)!]) {
      assert.deepEqual([...topology.nodes.get('a')!.migrating], [5]);
      assert.deepEqual([...topology.nodes.get('b')!.importing], [5]);
    }
  });

  it('take the address from another view when a node does not know its own', () => {
    const own = 'a :1@2 myself,master - 0 0 1 connected 0-9';
    const other = 'a h:1@2 master - 0 0 1 connected 0-9\nb h:2@3 myself,master - 0 0 2 connected 10';
    for (const topology of [merge(own, other)!, merge(other, own)!]) {
      assert.equal(topology.nodes.get('a')!.address, 'h:1');
    }
  });

  it('call a node by its endpoint', () => {
    const view = parseClusterNodes('a 127.0.0.1:7000@17000,node-1.example myself,master - 0 0 1 connected 0-9');
    const topology = mergeViews([view], ({ hostname, port }) => ({ host: hostname, port }));
    assert.equal(topology!.nodes.get('a')!.address, 'node-1.example:7000');
  });
});
