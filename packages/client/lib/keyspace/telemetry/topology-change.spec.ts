import assert from 'node:assert/strict';
import { makeTopology, singleTopology, type NodeDraft } from '../plan/topology';
import { topologyChange } from './topology-change';

const draft = (id: string, role: NodeDraft['role'] = 'primary', port = 1): NodeDraft => ({
  id,
  role,
  host: id,
  port,
  address: `${id}:${port}`,
  ...(role === 'replica' && { primaryId: 'a' })
});
const NOTHING = { gained: [], lost: [], importing: [], joined: [], left: [], promoted: [], demoted: [] };

describe('topology change', () => {
  it('of the first topology is that everything has joined and owns what it owns', () => {
    const first = makeTopology([draft('a'), draft('b', 'replica')], () => 'a');
    assert.deepEqual(topologyChange(undefined, first), {
      ...NOTHING,
      primaries: ['a:1'],
      replicas: ['b:1'],
      gained: [{ node: 'a:1', slots: [[0, 16_383]] }],
      joined: [
        { node: 'a:1', role: 'primary' },
        { node: 'b:1', role: 'replica' }
      ]
    });
  });

  it('names who gained, lost and imports slots, who came, went and changed roles', () => {
    const before = makeTopology([draft('a'), draft('b', 'replica'), draft('c'), draft('d', 'replica')], slot =>
      slot < 9 ? 'a' : 'c'
    );
    const after = makeTopology(
      [draft('a', 'replica'), draft('b'), { ...draft('c'), importing: new Set([3]) }, draft('e')],
      slot => (slot < 9 ? 'b' : slot > 20 ? 'e' : 'c')
    );
    assert.deepEqual(topologyChange(before, after), {
      primaries: ['b:1', 'c:1', 'e:1'],
      replicas: ['a:1'],
      gained: [
        { node: 'b:1', slots: [[0, 8]] },
        { node: 'e:1', slots: [[21, 16_383]] }
      ],
      lost: [
        { node: 'a:1', slots: [[0, 8]] },
        { node: 'c:1', slots: [[21, 16_383]] }
      ],
      importing: [{ node: 'c:1', slots: [[3, 3]] }],
      joined: [{ node: 'e:1', role: 'primary' }],
      left: [{ node: 'd:1', role: 'replica' }],
      promoted: ['b:1'],
      demoted: ['a:1']
    });
  });

  it('tells the new address of a node that has moved, as it tells all that is there now', () => {
    const before = makeTopology([draft('a')], () => 'a');
    const after = makeTopology([draft('a', 'primary', 2)], () => 'a');
    assert.deepEqual(topologyChange(before, after), { ...NOTHING, primaries: ['a:2'], replicas: [] });
  });

  it('of a failover without a cluster gives all slots to the new primary', () => {
    const [one, two] = [1, 2].map(port => ({ host: 'h', port, address: `h:${port}` }));
    assert.deepEqual(topologyChange(singleTopology(one, [two]), singleTopology(two, [one])), {
      ...NOTHING,
      primaries: ['h:2'],
      replicas: ['h:1'],
      gained: [{ node: 'h:2', slots: [[0, 16_383]] }],
      lost: [{ node: 'h:1', slots: [[0, 16_383]] }],
      promoted: ['h:2'],
      demoted: ['h:1']
    });
  });
});
