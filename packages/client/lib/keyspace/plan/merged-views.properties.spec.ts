import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseClusterNodes, type ClusterView } from './cluster-view';
import { mergeViews } from './merged-views';
import { updateTopology, type Topology } from './topology';

const IDS = ['a', 'b', 'c', 'd'];
/** The slots that are spoken of; the others are nobody's. */
const SLOTS = 41;

function merge(views: readonly ClusterView[]): Topology | undefined {
  return mergeViews(views, ({ host, port }) => ({ host, port }));
}

function ownersOf(topology: Topology | undefined): (string | undefined)[] {
  return Array.from({ length: SLOTS }, (_, slot) => topology?.primaries[topology.owners[slot]]?.id);
}

describe('merged views, whatever they say', () => {
  const slots = fc
    .tuple(fc.nat({ max: SLOTS - 9 }), fc.nat({ max: 8 }))
    .map(([from, length]) => [`${from}-${from + length}`]);
  const line = fc.record({
    host: fc.constantFrom('h', 'i', ''),
    flags: fc.constantFrom('master', 'master', 'master,fail', 'slave', 'slave,fail', 'handshake', 'master,noaddr'),
    primary: fc.constantFrom('-', ...IDS),
    epoch: fc.nat({ max: 3 }),
    slots: fc.array(slots, { maxLength: 2 }),
    moves: fc.constantFrom('', '[3-<-a]', '[3->-b]', '[4-<-b]')
  });
  const views = fc.array(
    fc.record({ answerer: fc.constantFrom(...IDS, 'nobody'), lines: fc.array(line, { maxLength: 4 }) }),
    { minLength: 1, maxLength: 5 }
  );

  const anyViews = views.map(all =>
    all.map(({ answerer, lines }) => {
      const texts = lines.map(({ host, flags, primary, epoch, slots, moves }, index) => {
        const own = IDS[index] === answerer;
        return `${IDS[index]} ${host}:${index + 1}@9 ${own ? 'myself,' : ''}${flags} ${primary} 0 0 ${epoch} connected ${slots.join(' ')} ${own ? moves : ''}`;
      });
      return parseClusterNodes(texts.join('\n'));
    })
  );

  it('make one topology in any order', () => {
    const shuffled = anyViews.chain(all =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length }))
    );
    fc.assert(
      fc.property(shuffled, ([all, others]) => {
        const one = merge(all);
        const other = merge(others);
        if (!one || !other) assert.equal(one, other);
        else assert.equal(updateTopology(one, other), one);
      }),
      { numRuns: 1_000 }
    );
  });

  /** Slot by slot, claim by claim. */
  function modelOwner(all: readonly ClusterView[], slot: number): string | undefined {
    const has = (view: ClusterView, id: string) =>
      view.nodes.get(id)?.slots.some(([from, to]) => slot >= from && slot <= to) === true;
    const claims = all.flatMap(view => IDS.filter(id => has(view, id)).map(id => ({ view, ...view.nodes.get(id)! })));
    const counted = claims.filter(
      ({ view, id, configEpoch }) =>
        view.myself === id ||
        !all.some(
          own =>
            own.myself === id && configEpoch <= own.nodes.get(id)!.configEpoch && !IDS.some(other => has(own, other))
        )
    );
    counted.sort((a, b) => b.configEpoch - a.configEpoch || (a.id < b.id ? -1 : 1));
    return counted[0]?.id;
  }

  it('give each slot to the greatest epoch that claims it, of equals to the smaller id', () => {
    fc.assert(
      fc.property(anyViews, all => {
        const topology = merge(all);
        const owners = Array.from({ length: SLOTS }, (_, slot) => modelOwner(all, slot));
        // A slot whose owner is no primary, or has no address, has none.
        const known = owners.map(id => (topology?.nodes.get(id ?? '')?.role === 'primary' ? id : undefined));
        assert.deepEqual(ownersOf(topology), known);
        assert.equal(
          topology === undefined,
          owners.every(id => id === undefined)
        );
      }),
      { numRuns: 1_000 }
    );
  });
});

describe('merged views of one history', () => {
  interface State {
    readonly owners: readonly number[];
    readonly epochs: readonly number[];
  }

  /** `taker` takes the slots `from..from + length`: its epoch becomes the greatest, or stays so. */
  const step = fc.record({ taker: fc.nat({ max: 3 }), from: fc.nat({ max: 30 }), length: fc.nat({ max: 10 }) });

  const histories = fc.array(step, { minLength: 1, maxLength: 6 }).map(steps => {
    const states: State[] = [{ owners: Array.from({ length: SLOTS }, (_, slot) => slot % 4), epochs: [1, 2, 3, 4] }];
    for (const { taker, from, length } of steps) {
      const { owners, epochs } = states.at(-1)!;
      const greatest = Math.max(...epochs);
      states.push({
        owners: owners.map((owner, slot) => (slot >= from && slot <= from + length ? taker : owner)),
        epochs: epochs.map((old, id) => (id === taker && old !== greatest ? greatest + 1 : old))
      });
    }
    return states;
  });

  function viewOf({ owners, epochs }: State, answerer: number): ClusterView {
    const lines = IDS.map((id, index) => {
      const slots = owners.flatMap((owner, slot) => (owner === index ? [slot] : []));
      return `${id} h:${index + 1}@9 ${index === answerer ? 'myself,' : ''}master - 0 0 ${epochs[index]} connected ${slots.join(' ')}`;
    });
    return parseClusterNodes(lines.join('\n'));
  }

  it('have the owners of the newest, however old the others are and whoever answered them', () => {
    const ages = fc.array(fc.record({ age: fc.nat({ max: 6 }), answerer: fc.nat({ max: 3 }) }), { maxLength: 5 });
    fc.assert(
      fc.property(histories, fc.nat({ max: 3 }), ages, fc.nat({ max: 5 }), (states, answerer, older, place) => {
        const newest = viewOf(states.at(-1)!, answerer);
        const views = older.map(({ age, answerer: who }) => viewOf(states.at(-1 - age) ?? states[0], who));
        views.splice(place, 0, newest);
        assert.deepEqual(ownersOf(merge(views)), ownersOf(merge([newest])));
      }),
      { numRuns: 500 }
    );
  });
});
