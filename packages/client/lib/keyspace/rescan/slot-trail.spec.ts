import assert from 'node:assert/strict';
import { SlotTrail } from './slot-trail';
import { parseSlotView } from './slot-view';

/** The end of a scan of slot 1, by what the node says of itself at each look: its slots, at an epoch. */
function endOf(looks: readonly string[], { isTarget = false, away = false } = {}): string {
  const trail = new SlotTrail([1], isTarget);
  for (const look of looks) {
    const [slots, epoch = '5'] = look.split('@');
    trail.see(parseSlotView(`a h:1@2 myself,master - 0 0 ${epoch} connected ${slots}`));
  }
  if (away) trail.away(1);
  const { done, leaving } = trail.end();
  return done.length ? 'done' : leaving.size ? `to ${leaving.get(1)}` : 'anew';
}

describe('a slot during the scan of a node', () => {
  const OWNER: [title: string, looks: string[], end: string][] = [
    ['is done when the node has it all the time', ['0-5', '0-5', '0-5'], 'done'],
    ['is done when others leave', ['0-5', '0-3', '0-3 [2->-b]'], 'done'],
    ['is scanned anew when the node did not have it', ['2-5', '2-5'], 'anew'],
    ['is scanned anew when it went away without a word', ['0-5', '2-5'], 'anew'],
    ['has to be scanned at its target when it is leaving', ['0-5 [1->-b]', '0-5 [1->-b]'], 'to b'],
    ['has to be scanned at its target when it begins to leave', ['0-5', '0-5 [1->-b]'], 'to b'],
    ['has to be scanned at its target when it has left', ['0-5 [1->-b]', '2-5'], 'to b'],
    ['is scanned anew when its move is given up', ['0-5 [1->-b]', '0-5'], 'anew'],
    ['is scanned anew when it goes elsewhere', ['0-5 [1->-b]', '0-5 [1->-c]'], 'anew'],
    ['is scanned anew when it has left and come back', ['0-5 [1->-b]', '2-5', '0-5@9'], 'anew'],
    ['is scanned anew when it has come back unseen', ['0-5', '0-5@9'], 'anew'],
    ['is scanned anew when it has come back unseen and leaves again', ['0-5 [1->-b]', '2-5@9'], 'anew']
  ];
  for (const [title, looks, end] of OWNER) it(title, () => assert.equal(endOf(looks), end));

  it('is scanned anew when the node has sent us elsewhere for a key of it', () => {
    assert.equal(endOf(['0-5', '0-5'], { away: true }), 'anew');
    assert.equal(endOf(['0-5', '0-5 [1->-b]'], { away: true }), 'to b');
  });

  const TARGET: [title: string, looks: string[], end: string][] = [
    ['is done when it comes in all the time', ['2-5 [1-<-b]', '2-5 [1-<-b]'], 'done'],
    ['is done when it has come in', ['2-5 [1-<-b]', '1-5@9'], 'done'],
    ['is scanned anew when its import is given up', ['2-5 [1-<-b]', '2-5'], 'anew'],
    ['is scanned anew when it goes on to another node', ['1-5', '1-5 [1->-c]'], 'anew']
  ];
  for (const [title, looks, end] of TARGET)
    it(`at its target ${title}`, () => assert.equal(endOf(looks, { isTarget: true }), end));
});
