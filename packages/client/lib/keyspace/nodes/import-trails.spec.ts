import assert from 'node:assert/strict';
import type { Message } from '../delivery/dispatcher';
import type { OwnView } from '../plan/own-view';
import type { SlotRanges } from '../plan/slot-ranges';
import { parseNotification } from '../protocol';
import type { AtomicImport } from './atomic-imports';
import { ImportTrails, type Fence } from './import-trails';
import { printOf } from './word';

const said = (key: string) =>
  ({ notification: parseNotification(Buffer.from(`__keyspace@0__:${key}`), Buffer.from('set')) }) as unknown as Message;
const prints = (keys: string) => [...keys].map(key => printOf(said(key)));

type State = 'running' | 'copied' | 'done' | 'given up';
const jobOf = (id: string, state: State, slots: SlotRanges = [[5, 5]]): AtomicImport => ({
  id,
  sourceId: 's',
  slots,
  isOver: state === 'done' || state === 'given up',
  isGivenUp: state === 'given up',
  isCopied: state === 'copied'
});
const view = (slots: SlotRanges = []) => ({ isPrimary: true, slots }) as unknown as OwnView;

function make(from?: number) {
  const log: string[] = [];
  const fences: Fence[] = [];
  const trails = new ImportTrails({
    importing: ({ id }) => log.push(`${id} goes on`),
    copying: ({ id }) => {
      log.push(`${id} copies`);
      fences.push({ nodeId: 's', from: from ?? fences.length });
      return fences.at(-1);
    },
    abandoned: ({ id }) => log.push(`${id} is given up`),
    missed: slots => log.push(`missed ${slots.join()}`)
  });
  const hear = (slot: number, keys: string) => {
    for (const key of keys) trails.add(slot, said(key));
  };
  /** An answer: the jobs are followed first, then what was said before is decided, then they have their places. */
  const answer = (jobs: readonly AtomicImport[], { before = '', slot = 5, own = [] as SlotRanges } = {}) => {
    trails.follow(jobs, 0);
    hear(slot, before);
    trails.place(view(own), jobs);
  };
  return { trails, log, fences, hear, answer };
}

const SLOTS = new Set([5]);

describe('the trails of imports', () => {
  it('know what was said of each since it was heard of, and since all was copied', () => {
    const { trails, hear, answer } = make();
    hear(5, 'a');
    answer([jobOf('1', 'running')], { before: 'bc' });
    hear(5, 'd');
    hear(6, 'x');
    const [running] = trails.of([jobOf('1', 'running')]);
    assert.deepEqual(running.heard(SLOTS), { imported: prints('bcd'), copied: undefined });
    answer([jobOf('1', 'copied')]);
    hear(5, 'e');
    const [copied] = trails.of([jobOf('1', 'copied')]);
    assert.deepEqual(copied.heard(SLOTS), { imported: prints('bcde'), copied: 3 });
  });

  it('tell once that one goes on, also when it is over, or that it is given up', () => {
    const { trails, log, answer } = make();
    answer([jobOf('1', 'running')]);
    answer([jobOf('1', 'running'), jobOf('2', 'done', [[6, 6]])], { own: [[6, 6]] });
    answer([jobOf('1', 'given up'), jobOf('2', 'done', [[6, 6]])], { own: [[6, 6]] });
    answer([jobOf('1', 'given up')]);
    assert.deepEqual(log, ['1 goes on', '2 goes on', '1 is given up']);
    assert.deepEqual(trails.of([jobOf('1', 'given up')]), []);
  });

  it('tell what came and went before it was seen', () => {
    const { log, answer } = make();
    answer([jobOf('1', 'running')]);
    answer([jobOf('1', 'done')]);
    answer([jobOf('1', 'done')]);
    assert.deepEqual(log, ['1 goes on', 'missed 5,5']);
  });

  it('do not ask again where the source is before it has said so', () => {
    const { trails, hear, answer, fences } = make(Infinity);
    for (const key of 'abc') {
      answer([jobOf('1', 'running')]);
      hear(5, key);
    }
    assert.equal(fences.length, 1);
    assert.equal(trails.of([jobOf('1', 'running')])[0].fences(SLOTS)[0].from, Infinity);
  });

  it('ask where the source is when the copy has surely begun', () => {
    const { trails, log, fences, hear, answer } = make();
    // What was said before may have been of another.
    answer([jobOf('1', 'running')], { before: 'a' });
    answer([jobOf('1', 'running')], { before: 'b', slot: 6 });
    assert.deepEqual(log, ['1 goes on']);
    hear(5, 'c');
    answer([jobOf('1', 'running')]);
    answer([jobOf('1', 'running')], { before: 'd' });
    assert.deepEqual(log, ['1 goes on', '1 copies', '1 copies']);
    assert.equal(fences.length, 2);
    assert.deepEqual(trails.of([jobOf('1', 'running')])[0].fences(SLOTS), [
      { from: 0, after: 2 },
      { from: 1, after: 3 }
    ]);
  });

  it('keep the last hundred places of the source, however long an import takes', () => {
    const { trails, hear, answer } = make();
    answer([jobOf('1', 'running')]);
    for (let count = 0; count < 150; count++) {
      hear(5, 'a');
      answer([jobOf('1', 'running')]);
    }
    const kept = trails.of([jobOf('1', 'running')])[0].fences(SLOTS);
    assert.deepEqual([kept.length, kept[0].from, kept.at(-1)!.from], [100, 50, 149]);
  });

  it('ask anew when it begins anew', () => {
    const { trails, fences, hear, answer } = make();
    for (const state of ['running', 'copied', 'running'] as const) {
      answer([jobOf('1', state)]);
      hear(5, 'a');
      answer([jobOf('1', state)]);
    }
    const { length } = fences;
    assert.deepEqual(trails.of([jobOf('1', 'running')])[0].fences(SLOTS), [{ from: length - 1, after: 1 }]);
  });

  describe('that have made a node suspicious', () => {
    const fence: Fence = { nodeId: 's', from: 7 };
    const follow = (jobs: readonly AtomicImport[], slot = 5, of = fence) => {
      const { trails } = make();
      trails.follow(jobs, 0, { slot, fence: of });
      return trails.of([jobs[0]])[0].fences(SLOTS);
    };

    it('know where the source was at the first word', () => {
      assert.deepEqual(follow([jobOf('1', 'running')]), [{ from: 7, after: 0 }]);
      assert.deepEqual(follow([jobOf('1', 'done'), jobOf('2', 'given up', [[6, 6]])]), [{ from: 7, after: 0 }]);
    });

    it('do not when it is of another slot, or another node', () => {
      assert.deepEqual(follow([jobOf('1', 'running')], 6), []);
      assert.deepEqual(follow([jobOf('1', 'running')], 5, { nodeId: 't', from: 7 }), []);
    });

    it('do not when it may have been a word of another import', () => {
      assert.deepEqual(follow([jobOf('1', 'running', [[4, 6]]), jobOf('2', 'given up')]), []);
    });
  });
});
