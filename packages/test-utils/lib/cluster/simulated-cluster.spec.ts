import assert from 'node:assert/strict';
import { parseClusterNodes, type NodeView } from './cluster-view';
import { SimulatedCluster } from './simulated-cluster';
import { SLOTS } from './slot-ranges';

function see(cluster: SimulatedCluster, answerer: string): Map<string, NodeView> {
  return new Map(parseClusterNodes(cluster.view(answerer)).map(node => [node.id, node]));
}

describe('simulated cluster', () => {
  it('deals its slots out to its primaries, in as many ranges as are wanted', () => {
    for (const [primaries, ranges] of [
      [3, 3],
      [3, SLOTS],
      [100, 1_000],
      [1_000, 1_000]
    ]) {
      const cluster = new SimulatedCluster({ primaries, ranges, replicas: 1 });
      const nodes = [...see(cluster, cluster.primaries[0]).values()];
      assert.equal(nodes.length, 2 * primaries);
      assert.equal(
        nodes.reduce((sum, { slots }) => sum + slots.length, 0),
        ranges
      );
      assert.equal(new Set(nodes.map(({ address }) => address)).size, nodes.length);
      assert.deepEqual(new Set(cluster.owners), new Set(cluster.primaries));
    }
  });

  it('refuses more ranges than slots, and fewer than primaries', () => {
    assert.throws(() => new SimulatedCluster({ primaries: 3, ranges: 2 }), /between 3 and 16384, got 2/);
    assert.throws(() => new SimulatedCluster({ primaries: 3, ranges: SLOTS + 1 }), /got 16385/);
  });

  it('gives the taker of a slot the greatest epoch, unless it has it', () => {
    const cluster = new SimulatedCluster({ primaries: 3 });
    const [a, b, c] = cluster.primaries;
    const epochs = () => [a, b, c].map(id => see(cluster, a).get(id)!.configEpoch);
    cluster.move([0], c);
    assert.deepEqual(epochs(), [1, 2, 3]);
    cluster.move([[1, 2], 4], b);
    assert.deepEqual(epochs(), [1, 4, 3]);
    cluster.move([5], b);
    assert.deepEqual(epochs(), [1, 4, 3]);
    assert.deepEqual(cluster.owners.slice(0, 6), [c, b, b, a, b, b]);
  });

  it('shows a move under way on the lines of those who make it, until it is done', () => {
    const cluster = new SimulatedCluster({ primaries: 3 });
    const [a, b, c] = cluster.primaries;
    cluster.beginMove(7, b);
    assert.deepEqual(see(cluster, a).get(a)!.migrating, new Map([[7, b]]));
    assert.deepEqual(see(cluster, b).get(b)!.importing, new Map([[7, a]]));
    assert.doesNotMatch(cluster.view(c), /\[/);
    cluster.move([7], b);
    assert.doesNotMatch(cluster.view(b), /\[/);
  });

  it('fails over to a replica, with and without a crash', () => {
    const cluster = new SimulatedCluster({ primaries: 2, replicas: 2 });
    const [a, b] = cluster.primaries;
    const [a1, a2] = cluster.replicasOf(a);
    const [b1] = cluster.replicasOf(b);
    cluster.failover(a1);
    cluster.crash(b);
    cluster.failover(b1);
    const nodes = see(cluster, a1);
    assert.deepEqual(
      [a, a2].map(id => nodes.get(id)!.primaryId),
      [a1, a1]
    );
    assert.deepEqual([nodes.get(b)!.health, nodes.get(b)!.isPrimary, nodes.get(b)!.slots], ['failed', true, []]);
    assert.deepEqual([cluster.owners[0], cluster.owners[SLOTS - 1]], [a1, b1]);
    assert.deepEqual(
      [a1, a, b1].map(id => nodes.get(id)!.configEpoch),
      [3, 3, 4]
    );
  });

  it('lets a node join and leave, but none with slots', () => {
    const cluster = new SimulatedCluster({ primaries: 1 });
    const id = cluster.add();
    assert.equal(see(cluster, id).get(id)!.isMyself, true);
    cluster.move([0], id);
    assert.throws(() => cluster.remove(id), /cannot leave/);
    cluster.move([0], cluster.primaries[0]);
    cluster.remove(id);
    assert.deepEqual(cluster.primaries.includes(id), false);
  });
});
