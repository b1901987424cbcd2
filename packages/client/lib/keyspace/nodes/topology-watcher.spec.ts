import assert from 'node:assert/strict';
import sinon from 'sinon';
import { singleTopology, type Topology } from '../plan/topology';
import { TopologyWatcher, type LookContext } from './topology-watcher';

const topologyOf = (port: number) => singleTopology({ host: 'h', port, address: `h:${port}` });

describe('topology watcher', () => {
  let clock: sinon.SinonFakeTimers;
  beforeEach(() => (clock = sinon.useFakeTimers({ now: 1_000 })));
  afterEach(() => clock.restore());

  /** A watcher whose looks wait for `answer`. */
  function make({ watched = true, during }: { watched?: boolean; during?: () => void } = {}) {
    const looks: LookContext[] = [];
    const pending: ((topology: Topology | undefined | Error) => void)[] = [];
    const applied: [topology: Topology | undefined, askedAt: number][] = [];
    let hint: (() => void) | undefined;
    const source = {
      look(context: LookContext) {
        looks.push(context);
        return new Promise<Topology | undefined>((resolve, reject) =>
          pending.push(result => (result instanceof Error ? reject(result) : resolve(result)))
        );
      },
      ...(watched && {
        watch(listener: () => void) {
          hint = listener;
          return () => (hint = undefined);
        }
      })
    };
    const options = { interval: 1_000, hurriedInterval: 100, now: Date.now };
    const watcher = new TopologyWatcher(
      source,
      () => new Map(),
      options,
      (topology, askedAt) => {
        applied.push([topology, askedAt]);
        during?.();
      }
    );
    const answer = async (result?: Topology | Error) => {
      pending.shift()!(result);
      await clock.tickAsync(0);
    };
    return { watcher, looks, applied, answer, hint: () => hint?.(), isWatched: () => hint !== undefined };
  }

  it('looks at once when started, and then at its interval', async () => {
    const { watcher, looks, applied, answer } = make();
    watcher.start();
    watcher.start();
    await clock.tickAsync(5);
    await answer(topologyOf(1));
    assert.deepEqual(applied, [[topologyOf(1), 1_000]]);
    await clock.tickAsync(999);
    assert.equal(looks.length, 1);
    await clock.tickAsync(1);
    assert.equal(looks.length, 2);
    assert.deepEqual(looks[1].current, topologyOf(1));
  });

  it('looks when something hints at a change', async () => {
    const { watcher, looks, answer, hint } = make();
    watcher.start();
    await answer(topologyOf(1));
    hint();
    assert.equal(looks.length, 2);
  });

  it('makes one look of all hints that come during a look, after it', async () => {
    const { watcher, looks, answer, hint } = make();
    watcher.start();
    const refreshes = [watcher.refresh(), watcher.refresh('b'), watcher.refresh('c')];
    hint();
    assert.equal(looks.length, 1);
    await answer(topologyOf(1));
    assert.equal(looks.length, 2);
    assert.deepEqual([...looks[1].hinted], ['b', 'c']);
    let done = false;
    const all = Promise.all(refreshes).then(() => (done = true));
    await clock.tickAsync(0);
    assert.equal(done, false);
    await answer(topologyOf(1));
    await all;
    assert.equal(looks.length, 2);
  });

  it('never looks twice at a time, not even when a hint comes while a look is being applied', async () => {
    const asked: { refresh?: () => void } = {};
    const { watcher, looks, answer } = make({ during: () => asked.refresh?.() });
    asked.refresh = () => void watcher.refresh();
    watcher.start();
    void watcher.refresh();
    await answer(topologyOf(1));
    assert.equal(looks.length, 2);
  });

  it('applies nothing new, and goes on, when a look fails or knows nothing', async () => {
    const { watcher, looks, applied, answer } = make();
    watcher.start();
    await answer(topologyOf(1));
    await clock.tickAsync(1_000);
    await answer(new Error('nobody answers'));
    assert.deepEqual(applied[1], [undefined, 2_000]);
    await clock.tickAsync(1_000);
    assert.deepEqual([looks.length, looks[2].current], [3, topologyOf(1)]);
  });

  it('hurries while something is amiss', async () => {
    const { watcher, looks, answer } = make();
    watcher.start();
    await answer(topologyOf(1));
    watcher.hurry(true);
    watcher.hurry(true);
    await clock.tickAsync(100);
    assert.equal(looks.length, 2);
    await answer(topologyOf(1));
    watcher.hurry(false);
    await clock.tickAsync(999);
    assert.equal(looks.length, 2);
    await clock.tickAsync(1);
    assert.equal(looks.length, 3);
  });

  it('does nothing more when it is stopped, and forgets what a look under way saw', async () => {
    const { watcher, looks, applied, answer, isWatched } = make();
    watcher.start();
    watcher.stop();
    await answer(topologyOf(1));
    await clock.tickAsync(10_000);
    assert.deepEqual([looks.length, applied.length, isWatched(), clock.countTimers()], [1, 0, false, 0]);
    await watcher.refresh();
    assert.equal(looks.length, 1);
  });

  it('needs no hints', async () => {
    const { watcher, looks, answer } = make({ watched: false });
    watcher.start();
    await answer(topologyOf(1));
    await clock.tickAsync(1_000);
    assert.equal(looks.length, 2);
    watcher.stop();
  });
});
