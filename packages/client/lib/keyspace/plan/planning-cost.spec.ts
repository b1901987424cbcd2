import assert from 'node:assert/strict';
import { SimulatedCluster } from '@redis-keyspace/test-utils';
import { Steps } from '../../../test/steps';
import { parseClusterNodes, type ClusterView } from './cluster-view';
import { mergeViews } from './merged-views';
import { plan } from './planner';
import { Registry, type Want } from './registry';
import { SLOT_COUNT } from './slot-ranges';
import { makeTopology, ownerOf, updateTopology, type Topology } from './topology';
import { diffTopology } from './topology-diff';

const SIZES: readonly [primaries: number, ranges: number][] = [
  [3, 3],
  [3, SLOT_COUNT],
  [10, 10],
  [100, 1_000],
  [1_000, 1_000],
  [1_000, SLOT_COUNT]
];

function merge(views: readonly ClusterView[]): Topology {
  return mergeViews(views, ({ host, port }) => ({ host, port }))!;
}

/** A pattern, and an exact key in every fourth slot. */
function makeWants(): Want<string>[] {
  const keys = Array.from({ length: SLOT_COUNT / 4 }, (_, index) => ({
    bytes: Buffer.from(`key ${index}`),
    pattern: false,
    slot: index * 4
  }));
  const pattern = { bytes: Buffer.from('*'), pattern: true, slot: undefined };
  return new Registry<string>().add('subscriber', [pattern, ...keys]).wants;
}

describe('the cost of planning', () => {
  const steps = new Steps();

  /** A topology of which every read is a step. */
  function counted(topology: Topology): Topology {
    const nodes = [...topology.nodes].map(([id, node]) => [id, { ...node, slots: steps.array(node.slots) }] as const);
    const { owners, primaries } = topology;
    return {
      ...topology,
      nodes: steps.map(new Map(nodes)),
      owners: steps.array(owners),
      primaries: steps.array(primaries)
    };
  }

  function countedView({ myself, nodes }: ClusterView): ClusterView {
    const lines = [...nodes].map(([id, line]) => [id, { ...line, slots: steps.array(line.slots) }] as const);
    return { myself, nodes: steps.map(new Map(lines)) };
  }

  /** How many steps something took, and how many units there were of what it may take a few steps for each. */
  interface Cost {
    readonly taken: number;
    readonly units: number;
  }

  interface Sample {
    readonly nodes: number;
    readonly ranges: number;
    readonly views: readonly ClusterView[];
    readonly previous: Topology;
    readonly topology: Topology;
  }

  const OPERATIONS: Record<string, (sample: Sample) => Cost> = {
    'merge views': ({ nodes, ranges, views }) => {
      merge(views.map(countedView));
      return { taken: steps.take(), units: views.length * (nodes + ranges) };
    },
    'make a topology': ({ nodes, topology }) => {
      let asked = 0;
      makeTopology(steps.array([...topology.nodes.values()]), slot => {
        asked++;
        return ownerOf(topology, slot)?.id;
      });
      return { taken: steps.take() + asked, units: nodes + SLOT_COUNT };
    },
    'find that nothing has changed': ({ nodes, ranges, topology }) => {
      const current = counted(topology);
      assert.equal(updateTopology(current, counted(topology)), current);
      return { taken: steps.take(), units: nodes + ranges };
    },
    'find what has changed': ({ nodes, previous, topology }) => {
      diffTopology(counted(previous), counted(topology));
      return { taken: steps.take(), units: nodes + SLOT_COUNT };
    },
    plan: ({ topology }) => {
      const wants = makeWants();
      const planned = plan(counted(topology), steps.iterable(wants));
      const subscriptions = [...planned.values()].reduce((sum, { size }) => sum + size, 0);
      return { taken: steps.take() + subscriptions, units: planned.size + wants.length + subscriptions };
    }
  };

  function sampleOf(primaries: number, ranges: number): Sample {
    const cluster = new SimulatedCluster({ primaries, ranges, replicas: 1 });
    const answerers = cluster.primaries.slice(0, 6);
    const look = () => answerers.map(id => parseClusterNodes(cluster.view(id)));
    const previous = merge(look());
    for (const id of cluster.primaries) cluster.move([cluster.owners.lastIndexOf(id) - 1], answerers[0]);
    const [replica] = cluster.replicasOf(answerers[1]);
    cluster.failover(replica);
    const views = look();
    const topology = merge(views);
    const count = topology.primaries.reduce((sum, { slots }) => sum + slots.length, 0);
    return { nodes: topology.nodes.size, ranges: count, views, previous, topology };
  }

  const samples = new Map<string, Sample>();
  before(() => {
    for (const [primaries, ranges] of SIZES) samples.set(`${primaries} ${ranges}`, sampleOf(primaries, ranges));
  });

  /** The most steps for a unit, whatever the size. */
  const MOST = 4;

  for (const [what, count] of Object.entries(OPERATIONS)) {
    it(`is in proportion to what there is to look at: to ${what}`, () => {
      for (const [size, sample] of samples) {
        const { taken, units } = count(sample);
        assert.ok(taken >= units / 2 && taken <= MOST * units, `${size}: ${taken} steps for ${units} units`);
      }
    });
  }
});
