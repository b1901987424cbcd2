import assert from 'node:assert/strict';
import { Hearing, type ToldGap } from './hearing';

describe('Hearing', () => {
  const open: ToldGap = { reason: 'failover', node: 'a:1', slots: [[0, 9]], since: new Date(1), until: undefined };
  const closed = { ...open, until: new Date(5) };

  it('closes the gap that is told as recovered, and no other', () => {
    const hearing = new Hearing('ours');
    hearing.gap(open);
    hearing.gap({ ...open, node: 'b:1' });
    hearing.recovered(closed);
    assert.deepEqual(
      hearing.gaps.map(({ node, until }) => [node, until?.getTime()]),
      [
        ['a:1', 5],
        ['b:1', undefined]
      ]
    );
    assert.equal(hearing.untold, 0);
  });

  it('keeps gaps apart that are told alike', () => {
    const hearing = new Hearing('ours');
    hearing.gap(open);
    hearing.gap(open);
    hearing.recovered(closed);
    assert.deepEqual(
      hearing.gaps.map(({ until }) => until === undefined),
      [false, true]
    );
  });

  it('counts a recovery of what was never told, and keeps it as a gap', () => {
    const hearing = new Hearing('ours');
    hearing.recovered(closed);
    assert.equal(hearing.untold, 1);
    assert.deepEqual(hearing.gaps, [closed]);
  });
});
