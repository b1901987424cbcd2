import assert from 'node:assert/strict';
import { SimulatedCluster } from '@redis-keyspace/test-utils';
import fc from 'fast-check';
import { parseClusterNodes, type ClusterView } from './cluster-view';
import { mergeViews } from './merged-views';
import { plan } from './planner';
import { Registry, type Want } from './registry';
import { SLOT_COUNT, countSlots, type SlotRanges } from './slot-ranges';
import { ownerOf, updateTopology, type NodeRole, type Topology } from './topology';
import { diffTopology } from './topology-diff';

function merge(views: readonly ClusterView[]): Topology {
  return mergeViews(views, ({ host, port }) => ({ host, port }))!;
}

/** An exact key is wanted in each slot that is a multiple of it. */
const KEY_DISTANCE = 97;

function makeWants(): Want<string>[] {
  const patterns = ['a*', 'b*', 'c*'].map(text => ({ bytes: Buffer.from(text), pattern: true, slot: undefined }));
  const keys = Array.from({ length: Math.ceil(SLOT_COUNT / KEY_DISTANCE) }, (_, index) => ({
    bytes: Buffer.from(`key ${index}`),
    pattern: false,
    slot: index * KEY_DISTANCE
  }));
  return new Registry<string>().add('subscriber', [...patterns, ...keys]).wants;
}

interface Change {
  readonly what: 'move' | 'begin' | 'failover' | 'crash' | 'join' | 'leave';
  readonly which: number;
  readonly slot: number;
  readonly length: number;
}

const changes = fc.array(
  fc.record({
    what: fc.constantFrom<Change['what'][]>('move', 'move', 'begin', 'failover', 'crash', 'join', 'leave'),
    which: fc.nat(),
    slot: fc.nat({ max: SLOT_COUNT - 1 }),
    length: fc.nat({ max: 40 })
  }),
  { minLength: 6, maxLength: 10 }
);

/** What is true of a cluster, whoever is asked. */
interface Truth {
  readonly owners: readonly string[];
  readonly roles: ReadonlyMap<string, NodeRole>;
}

/** A cluster that changes, and what is made of its views. */
class Scene {
  readonly wants = makeWants();
  readonly #cluster: SimulatedCluster;
  readonly #crashed = new Set<string>();
  readonly #older: ClusterView[] = [];
  #truth: Truth = { owners: [], roles: new Map() };
  #topology: Topology | undefined;

  constructor(primaries: number, ranges: number) {
    this.#cluster = new SimulatedCluster({ primaries, ranges, replicas: 1 });
    this.look(0);
  }

  apply({ what, which, slot, length }: Change): void {
    const cluster = this.#cluster;
    const primaries = this.#alive();
    const primary = primaries[which % primaries.length];
    const replicas = [...cluster.replicas.keys()];
    if (what === 'move') cluster.move([[slot, Math.min(slot + length, SLOT_COUNT - 1)]], primary);
    else if (what === 'begin') cluster.beginMove(slot - (slot % KEY_DISTANCE), primary);
    else if (what === 'join') cluster.add(which % 2 ? primary : undefined);
    else if (what === 'leave') this.#leave(primary);
    else if (replicas.length) this.#failover(replicas[which % replicas.length], what === 'crash');
  }

  /** Asks some nodes, and checks all that follows from what they say. */
  look(which: number): void {
    const alive = this.#alive();
    const asked = new Set([...this.#cluster.moves.values(), alive[which % alive.length], alive[0]]);
    const views = [...asked].map(id => parseClusterNodes(this.#cluster.view(id)));
    const previous = { topology: this.#topology, truth: this.#truth };
    this.#truth = this.#findTruth();
    this.#topology = merge(views);
    assert.equal(updateTopology(this.#topology, merge(views.reverse())), this.#topology);
    this.#checkTopology(this.#topology);
    this.#checkOwners(merge([...this.#older, ...views]), 'older views first');
    this.#checkOwners(merge([...views, ...this.#older]), 'older views last');
    this.#checkDifference(previous.topology, previous.truth, this.#topology);
    this.#checkPlan(this.#topology);
    this.#older.splice(0, Math.max(0, this.#older.length - 2));
    this.#older.push(views[0]);
  }

  #alive(): string[] {
    return this.#cluster.primaries.filter(id => !this.#crashed.has(id));
  }

  #leave(primary: string): void {
    const cluster = this.#cluster;
    const [replica] = cluster.replicasOf(primary);
    if (replica) cluster.remove(replica);
    else if (!cluster.owners.includes(primary)) cluster.remove(primary);
  }

  #failover(replica: string, crash: boolean): void {
    const primary = this.#cluster.replicas.get(replica)!;
    if (crash) {
      this.#cluster.crash(primary);
      this.#crashed.add(primary);
    }
    this.#cluster.failover(replica);
  }

  #findTruth(): Truth {
    const roles = new Map<string, NodeRole>(this.#alive().map(id => [id, 'primary']));
    for (const id of this.#cluster.replicas.keys()) roles.set(id, 'replica');
    return { owners: [...this.#cluster.owners], roles };
  }

  #checkTopology(topology: Topology): void {
    this.#checkOwners(topology, 'fresh views');
    assert.deepEqual(new Map([...topology.nodes.values()].map(({ id, role }) => [id, role])), this.#truth.roles);
    assert.equal(
      topology.primaries.reduce((sum, { slots }) => sum + countSlots(slots), 0),
      SLOT_COUNT
    );
    for (const [id, primary] of this.#cluster.replicas) assert.equal(topology.nodes.get(id)!.primaryId, primary);
    const importing = topology.primaries.flatMap(({ id, importing }) =>
      [...importing].map(slot => [slot, id] as const)
    );
    assert.deepEqual(new Map(importing), this.#cluster.moves);
  }

  #checkOwners(topology: Topology, what: string): void {
    const wrong = this.#truth.owners.flatMap((id, slot) => (ownerOf(topology, slot)?.id === id ? [] : [slot]));
    assert.deepEqual(wrong, [], what);
  }

  #checkDifference(before: Topology | undefined, was: Truth, now: Topology): void {
    const { gained, lost, joined, left, promoted, demoted } = diffTopology(before, now);
    const { owners, roles } = this.#truth;
    const moved = owners.flatMap((id, slot) => (was.owners[slot] === id ? [] : [slot]));
    assert.deepEqual(slotsById(gained), new Map(moved.map(slot => [slot, owners[slot]])));
    assert.deepEqual(
      slotsById(lost),
      new Map(moved.filter(slot => slot in was.owners).map(slot => [slot, was.owners[slot]]))
    );
    const ids = (nodes: readonly { id: string }[]) => new Set(nodes.map(({ id }) => id));
    const those = (all: ReadonlyMap<string, NodeRole>, test: (id: string) => boolean) =>
      new Set([...all.keys()].filter(test));
    assert.deepEqual(
      ids(joined),
      those(roles, id => !was.roles.has(id))
    );
    assert.deepEqual(
      ids(left),
      those(was.roles, id => !roles.has(id))
    );
    const became = (role: NodeRole) =>
      those(roles, id => roles.get(id) === role && was.roles.has(id) && was.roles.get(id) !== role);
    assert.deepEqual([ids(promoted), ids(demoted)], [became('primary'), became('replica')]);
  }

  /** By the cluster, not by the topology. */
  #checkPlan(topology: Topology): void {
    const { owners, moves } = this.#cluster;
    const expected = new Map(
      this.#alive().map(id => [id, new Set(this.wants.filter(({ slot }) => slot === undefined))])
    );
    for (const want of this.wants) {
      if (want.slot === undefined) continue;
      expected.get(owners[want.slot])!.add(want);
      expected.get(moves.get(want.slot) ?? owners[want.slot])!.add(want);
    }
    assert.deepEqual(plan(topology, this.wants), expected);
  }
}

function slotsById(ranges: ReadonlyMap<string, SlotRanges>): Map<number, string> {
  const owners = new Map<number, string>();
  for (const [id, list] of ranges) {
    for (const [from, to] of list) for (let slot = from; slot <= to; slot++) owners.set(slot, id);
  }
  return owners;
}

const SIZES: readonly [primaries: number, ranges: number, runs: number][] = [
  [3, 3, 8],
  [3, SLOT_COUNT, 3],
  [10, 10, 8],
  [100, 1_000, 3],
  [1_000, 1_000, 1],
  [1_000, SLOT_COUNT, 1]
];

describe('a simulated cluster', () => {
  for (const [primaries, ranges, runs] of SIZES) {
    it(`of ${primaries} primaries and ${ranges} ranges is known and planned for at every step it takes`, () => {
      fc.assert(
        fc.property(changes, all => {
          const scene = new Scene(primaries, ranges);
          for (const change of all) {
            scene.apply(change);
            scene.look(change.which);
          }
        }),
        { numRuns: runs }
      );
    });
  }
});
