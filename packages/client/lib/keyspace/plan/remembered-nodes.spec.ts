import assert from 'node:assert/strict';
import { parseClusterNodes } from './cluster-view';
import { RememberedNodes } from './remembered-nodes';

const REPLICA = 'a h:1@2 myself,slave b 0 0 8 connected';
const PRIMARY = 'a h:1@2 myself,master - 0 0 9 connected';
const OTHER = 'b h:2@3 myself,master - 0 0 8 connected 0-16383\na h:1@2 master - 0 0 1 connected';
const ALONE = 'b h:2@3 myself,master - 0 0 8 connected 0-16383';

function make() {
  const clock = { now: 1_000 };
  const remembered = new RememberedNodes(() => clock.now);
  const complete = (...texts: string[]) =>
    remembered
      .complete(texts.map(parseClusterNodes))
      .map(
        ({ myself, nodes }) =>
          `${myself}: ${[...nodes.values()].map(({ id, primaryId }) => `${id}<${primaryId}`).join(' ')}`
      );
  return { clock, complete };
}

describe('remembered nodes', () => {
  const NOTHING_ADDED = ['b: b<undefined a<undefined'];

  it('are remembered as replicas, and by themselves, while they do not answer', () => {
    const { complete } = make();
    assert.equal(complete(REPLICA, OTHER).length, 2);
    assert.deepEqual(complete(OTHER), [...NOTHING_ADDED, 'a: a<b']);
  });

  it('are not remembered for ever', () => {
    const { complete, clock } = make();
    complete(REPLICA, OTHER);
    clock.now += 3_001;
    assert.deepEqual(complete(OTHER), NOTHING_ADDED);
  });

  it('are remembered as primaries by hearsay, whatever they were before', () => {
    const { complete } = make();
    complete(REPLICA, OTHER);
    complete(PRIMARY, OTHER);
    assert.deepEqual(complete(OTHER), [...NOTHING_ADDED, 'undefined: a<undefined']);
  });

  it('are forgotten when nobody knows them any more', () => {
    const { complete } = make();
    complete(REPLICA, OTHER);
    assert.deepEqual(complete(ALONE), ['b: b<undefined']);
    assert.deepEqual(complete(OTHER), NOTHING_ADDED);
  });

  it('are none where nobody says who it is', () => {
    const { complete } = make();
    assert.deepEqual(complete('a h:1@2 slave b 0 0 8 connected'), ['undefined: a<b']);
  });
});
