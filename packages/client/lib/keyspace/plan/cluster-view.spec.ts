import assert from 'node:assert/strict';
import fc from 'fast-check';
import { mergeViews, parseClusterNodes, type ClusterView, type ClusterViewNode } from './cluster-view';
import type { Topology } from './topology';

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
      assert.deepEqual(summary(merge(text)), ['a1 0-8191', 'a3<a1', 'b2 8192-16383', 'b4<b2']);
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

  it('take a slot from a node that answered without claiming it, whatever others say', () => {
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
    const topology = mergeViews([parseClusterNodes(SERVERS['Redis 7.0'])], ({ hostname, port }) => ({
      host: hostname || 'x',
      port
    }));
    assert.equal(topology!.nodes.get('a1')!.address, 'node-1.example:19019');
  });

  /** A step: `taker` takes the slots `from..to`, by which its epoch becomes the greatest. */
  const step = fc.record({ taker: fc.nat({ max: 3 }), from: fc.nat({ max: 30 }), length: fc.nat({ max: 10 }) });
  const IDS = ['a', 'b', 'c', 'd'];

  interface State {
    readonly owners: readonly number[];
    readonly epochs: readonly number[];
  }

  function history(steps: readonly { taker: number; from: number; length: number }[]): State[] {
    const states: State[] = [{ owners: Array.from({ length: 41 }, (_, slot) => slot % 4), epochs: [1, 2, 3, 4] }];
    for (const { taker, from, length } of steps) {
      const { owners, epochs } = states.at(-1)!;
      const epoch = Math.max(...epochs) + 1;
      states.push({
        owners: owners.map((owner, slot) => (slot >= from && slot <= from + length ? taker : owner)),
        epochs: epochs.map((old, id) => (id === taker ? epoch : old))
      });
    }
    return states;
  }

  function viewOf({ owners, epochs }: State, answerer: number): ClusterView {
    const lines = IDS.map((id, index) => {
      const slots = owners.flatMap((owner, slot) => (owner === index ? [slot] : []));
      return `${id} h:${index + 1}@9 ${index === answerer ? 'myself,' : ''}master - 0 0 ${epochs[index]} connected ${slots.join(' ')}`;
    });
    return parseClusterNodes(lines.join('\n'));
  }

  it('of one newest view and any older ones, in any order, have the owners of the newest', () => {
    const older = fc.array(fc.record({ at: fc.nat({ max: 5 }), answerer: fc.nat({ max: 3 }), before: fc.boolean() }), {
      maxLength: 4
    });
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 1, maxLength: 5 }),
        older,
        fc.nat({ max: 3 }),
        (steps, others, answerer) => {
          const states = history(steps);
          const newest = viewOf(states.at(-1)!, answerer);
          const views = others.map(({ at, answerer: who, before }) => ({
            view: viewOf(states[Math.min(at, states.length - 1)], who),
            before
          }));
          const mixed = [
            ...views.filter(({ before }) => before),
            { view: newest },
            ...views.filter(({ before }) => !before)
          ].map(({ view }) => view);
          const owners = ({ primaries, owners: indexes }: Topology) =>
            [...indexes].slice(0, 41).map(index => primaries[index]?.id);
          assert.deepEqual(owners(mergeViews(mixed, byAddress)!), owners(mergeViews([newest], byAddress)!));
        }
      ),
      { numRuns: 150 }
    );
  });
});
