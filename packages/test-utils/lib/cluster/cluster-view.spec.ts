import assert from 'node:assert/strict';
import { fingerprint, parseClusterNodes } from './cluster-view';
import { keyInSlot, slotOf } from './slot-key';
import { SLOTS, divideSlots, expandSlots, toRanges } from './slot-ranges';

const A = 'a'.repeat(40);
const B = 'b'.repeat(40);
const C = 'c'.repeat(40);
const NODES = [
  `${A} 127.0.0.1:7000@17000,, myself,master - 0 1700 1 connected 0-99 200 [300->-${B}] [400-<-${B}]`,
  `${B} 127.0.0.1:7001@17001 master,fail? - 1 2 3 disconnected 101`,
  `${C} :0@0 slave,noaddr,fail ${A} 1 2 1 connected`,
  ''
].join('\n');

describe('cluster view', () => {
  it('reads roles, health, slots and moves of CLUSTER NODES', () => {
    const [a, b, c] = parseClusterNodes(NODES);
    assert.deepEqual(
      [a.address, a.isMyself, a.isPrimary, a.health, a.configEpoch],
      ['127.0.0.1:7000', true, true, 'ok', 1]
    );
    assert.deepEqual(a.slots, [
      [0, 99],
      [200, 200]
    ]);
    assert.deepEqual(
      [...a.migrating, ...a.importing],
      [
        [300, B],
        [400, B]
      ]
    );
    assert.deepEqual([b.health, b.isLinked, b.primaryId], ['suspected', false, undefined]);
    assert.deepEqual([c.health, c.isPartial, c.primaryId], ['failed', true, A]);
  });

  it('has one fingerprint for two nodes that agree, whoever speaks, and whatever the order', () => {
    const other = NODES.split('\n')
      .filter(Boolean)
      .reverse()
      .join('\n')
      .replace('myself,', '')
      .replace(' 1700 1 ', ' 1800 1 ');
    assert.equal(fingerprint(parseClusterNodes(other)), fingerprint(parseClusterNodes(NODES)));
    assert.notEqual(
      fingerprint(parseClusterNodes(NODES.replace('0-99', '0-98'))),
      fingerprint(parseClusterNodes(NODES))
    );
  });
});

describe('slot ranges', () => {
  it('shares all slots out without a hole', () => {
    for (const primaries of [1, 2, 3, 5, 7]) {
      assert.deepEqual(toRanges(divideSlots(primaries).flat()), [[0, SLOTS - 1]]);
    }
  });

  it('expands and compresses', () => {
    assert.deepEqual(expandSlots([7, [3, 5]]), [7, 3, 4, 5]);
    assert.deepEqual(toRanges([7, [3, 5], 6, 1]), [
      [1, 1],
      [3, 7]
    ]);
  });
});

describe('slot key', () => {
  it('gives a key of every slot', () => {
    for (let slot = 0; slot < SLOTS; slot++) {
      assert.equal(slotOf(keyInSlot(slot, 'user:')), slot);
    }
  });

  it('refuses what is no slot, and a prefix that would move the key', () => {
    assert.throws(() => keyInSlot(SLOTS), /16384 \(number\)/);
    assert.throws(() => keyInSlot(1, 'a{b'), /"a\{b"/);
  });
});
