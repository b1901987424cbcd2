import {
  parseClusterNodes,
  type ClusterView,
  type ClusterViewNode
} from '@redis-keyspace/client/dist/lib/keyspace/plan/cluster-view';
import { mergeViews } from '@redis-keyspace/client/dist/lib/keyspace/plan/merged-views';
import { plan } from '@redis-keyspace/client/dist/lib/keyspace/plan/planner';
import { Registry, type Want } from '@redis-keyspace/client/dist/lib/keyspace/plan/registry';
import { updateTopology, type Topology } from '@redis-keyspace/client/dist/lib/keyspace/plan/topology';
import { diffTopology } from '@redis-keyspace/client/dist/lib/keyspace/plan/topology-diff';
import { SimulatedCluster } from '@redis-keyspace/test-utils';
import { median } from '../median';
import { atMost, type Suite } from './suite';

/** Each with one replica a primary. */
const SIZES: readonly [primaries: number, ranges: number][] = [
  [3, 3],
  [3, 16_384],
  [10, 10],
  [100, 100],
  [100, 1_000],
  [1_000, 1_000],
  [1_000, 16_384]
];
/** At most so many nodes are asked at a look. */
const WITNESSES = 6;
const PATTERNS = 10;
const KEYS = 10_000;
/** How often each operation is done in a round. */
const TIMES = 5;

/** What a look costs that finds a slot moved, by the size of the cluster: none of it may grow faster than that. */
export const planning: Suite = ({ quick, progress }) => {
  const rounds = quick ? 5 : 25;
  const wants = makeWants();
  const clusters = SIZES.map(([primaries, ranges]) => operationsOf(primaries, ranges, wants));
  const costs = clusters.map(operations => operations.map(() => [] as number[]));
  // The first round is for the code to be compiled.
  for (let round = 0; round <= rounds; round++) {
    progress(`planning: round ${round} of ${rounds}`);
    clusters.forEach((operations, size) =>
      operations.forEach((operation, index) => {
        const cost = cpuOf(operation);
        if (round) costs[size][index].push(cost);
      })
    );
  }
  const medians = costs.map(operations => operations.map(median));
  const totals = medians.map(operations => operations.reduce((sum, cost) => sum + cost, 0));
  const total = (primaries: number, ranges: number) =>
    totals[SIZES.findIndex(([p, r]) => p === primaries && r === ranges)];
  const count = (value: number) => value.toLocaleString('en');
  const milliseconds = (value: number) => `${value.toFixed(2)} ms`;
  return Promise.resolve({
    title: `CPU of a look at a changed topology, with ${PATTERNS} patterns and ${count(KEYS)} exact keys: median of ${rounds} rounds`,
    columns: ['primaries', 'ranges', 'read the views', 'merge', 'compare', 'difference', 'plan', 'in all'],
    rows: SIZES.map(([primaries, ranges], size) => [
      count(primaries),
      count(ranges),
      ...[...medians[size], totals[size]].map(milliseconds)
    ]),
    goals: [
      atMost('ten times the primaries cost, times', total(1_000, 1_000) / total(100, 1_000), 10),
      atMost('16 times the ranges cost, times', total(1_000, 16_384) / total(1_000, 1_000), 16)
    ]
  });
};

function makeWants(): Want<string>[] {
  const patterns = Array.from({ length: PATTERNS }, (_, index) => ({
    bytes: Buffer.from(`pattern ${index}*`),
    pattern: true,
    slot: undefined
  }));
  const keys = Array.from({ length: KEYS }, (_, index) => ({
    bytes: Buffer.from(`key ${index}`),
    pattern: false,
    slot: (index * 7_919) % 16_384
  }));
  return new Registry<string>().add('subscriber', [...patterns, ...keys]).wants;
}

/** What a look does, step by step: before it a slot has moved. */
function operationsOf(primaries: number, ranges: number, wants: readonly Want<string>[]): (() => unknown)[] {
  const cluster = new SimulatedCluster({ primaries, ranges, replicas: 1 });
  const witnesses = cluster.primaries.slice(0, WITNESSES);
  const look = () => witnesses.map(id => cluster.view(id));
  const previous = merge(look().map(parseClusterNodes));
  cluster.move([0], witnesses[1]);
  const texts = look();
  const views = texts.map(parseClusterNodes);
  const topology = merge(views);
  return [
    () => texts.map(parseClusterNodes),
    () => merge(views),
    () => updateTopology(topology, { ...topology }),
    () => diffTopology(previous, topology),
    () => plan(topology, wants)
  ];
}

function merge(views: readonly ClusterView[]): Topology {
  return mergeViews(views, ({ host, port }: ClusterViewNode) => ({ host, port }))!;
}

/** Milliseconds of CPU, user and system. */
function cpuOf(operation: () => unknown): number {
  const since = process.cpuUsage();
  for (let time = 0; time < TIMES; time++) operation();
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1_000 / TIMES;
}
