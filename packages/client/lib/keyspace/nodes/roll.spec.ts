import assert from 'node:assert/strict';
import { makeTopology, type Topology } from '../plan/topology';
import type { Node } from './handover';
import { Roll } from './roll';

/** A roll, nodes by their ids, and a topology that the test sets. */
function make(roles: Record<string, 'primary' | 'replica'>) {
  const log: string[] = [];
  const state = { topology: topologyOf(roles) };
  const roll = new Roll({
    get topology() {
      return state.topology;
    },
    onReady: ({ node }, reason) => log.push(`${node.id} ready ${node.role} ${reason}`),
    onLost: ({ node }, reason) => log.push(`${node.id} lost ${node.role} ${reason}`)
  });
  const nodeOf = (id: string) =>
    ({ node: state.topology.nodes.get(id)!, address: `h:${id}`, isSettled: true }) as unknown as Node;
  const take = () => log.splice(0);
  return {
    roll,
    nodeOf,
    take,
    become: (next: Record<string, 'primary' | 'replica'>) => (state.topology = topologyOf(next))
  };
}

function topologyOf(roles: Record<string, 'primary' | 'replica'>): Topology {
  const drafts = Object.entries(roles).map(([id, role]) => ({ id, role, host: 'h', port: 1, address: `h:${id}` }));
  return makeTopology(drafts, () => undefined);
}

describe('roll', () => {
  it('tells apart the first connection from those after it', () => {
    const { roll, nodeOf, take } = make({ a: 'primary' });
    const a = nodeOf('a');
    roll.ready(a);
    roll.lost(a, 'node-silent');
    roll.ready(a);
    assert.deepEqual(take(), [
      'a ready primary connected',
      'a lost primary node-silent',
      'a ready primary reconnected'
    ]);
  });

  it('tells nothing of a node that was not ready, nor of one twice', () => {
    const { roll, nodeOf, take } = make({ a: 'primary' });
    const a = nodeOf('a');
    roll.lost(a, 'disconnected');
    roll.closed(a);
    roll.ready(a);
    take();
    roll.lost(a, 'disconnected');
    roll.closed(a);
    assert.deepEqual(take(), ['a lost primary disconnected']);
  });

  it('tells a promotion when all that is wanted is confirmed, once', () => {
    const { roll, nodeOf, take } = make({ a: 'primary', b: 'replica' });
    const b = nodeOf('b') as unknown as { node: { role: string }; isSettled: boolean } & Node;
    roll.ready(b);
    b.node = { ...b.node, role: 'primary' };
    b.isSettled = false;
    roll.review([b]);
    assert.deepEqual(take(), ['b ready replica connected']);
    b.isSettled = true;
    roll.review([b]);
    roll.review([b, nodeOf('a')]);
    assert.deepEqual(take(), ['b ready primary promoted']);
  });

  it('says of a node that is let go whether it was demoted or has left, whoever closes the connection', () => {
    for (const end of ['lost', 'closed'] as const) {
      const { roll, nodeOf, take, become } = make({ a: 'primary', b: 'primary', c: 'replica' });
      const nodes = ['a', 'b', 'c'].map(nodeOf);
      for (const node of nodes) roll.ready(node);
      take();
      become({ a: 'replica' });
      for (const node of nodes) roll[end](node, 'disconnected');
      assert.deepEqual(take(), ['a lost primary demoted', 'b lost primary left', 'c lost replica left']);
    }
  });

  it('forgets all', () => {
    const { roll, nodeOf, take } = make({ a: 'primary' });
    const a = nodeOf('a');
    roll.ready(a);
    roll.clear();
    roll.closed(a);
    assert.deepEqual(take(), ['a ready primary connected']);
  });
});
