import assert from 'node:assert/strict';
import { ownsSlot, parseSlotView } from './slot-view';

const text = (own: string, times = '0 0') =>
  `b 127.0.0.1:2@12 master - 0 1700000000000 9 connected 9000-16383\na 127.0.0.1:1@11 myself,master - ${times} 7 connected ${own}\n`;

describe('parseSlotView', () => {
  it('reads the slots, the moves and the epoch of the node that answers', () => {
    const view = parseSlotView(text('0-5 7 [5->-b] [8-<-b]'));
    assert.deepEqual(view.slots, [
      [0, 5],
      [7, 7]
    ]);
    assert.deepEqual(view.leaving, new Map([[5, 'b']]));
    assert.deepEqual(view.importing, new Set([8]));
    assert.equal(view.epoch, 7);
    assert.deepEqual([ownsSlot(view, 7), ownsSlot(view, 8)], [true, false]);
  });

  it('gives the same print to views that say the same, whenever they were asked', () => {
    assert.equal(parseSlotView(text('0-5', '1 2')).print, parseSlotView(text('0-5', '3 4')).print);
    assert.notEqual(parseSlotView(text('0-5')).print, parseSlotView(text('0-5 [5->-b]')).print);
  });

  it('has no slots where there is nothing to read', () => {
    assert.deepEqual(parseSlotView('ERR no cluster').slots, []);
  });
});
