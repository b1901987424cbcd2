import assert from 'node:assert/strict';
import { parseOwnView } from './own-view';

const OTHER = 'b 127.0.0.1:2@12 master - 0 0 2 connected 100-199';

describe('parseOwnView', () => {
  it('reads the line of the node that answers, wherever it stands', () => {
    const own = 'a 127.0.0.1:1@11 myself,master - 0 0 7 connected 0-9 20 [30-<-b] [5->-b]';
    for (const text of [`${own}\n${OTHER}\n`, `${OTHER}\r\n${own}\r\n`, own]) {
      assert.deepEqual(parseOwnView(text), {
        id: 'a',
        isPrimary: true,
        primaryId: undefined,
        slots: [
          [0, 9],
          [20, 20]
        ],
        importing: new Set([30])
      });
    }
  });

  it('knows a replica and its primary', () => {
    const { isPrimary, primaryId, slots } = parseOwnView(`${OTHER}\na :1@11 myself,slave b 0 0 2 connected`)!;
    assert.deepEqual({ isPrimary, primaryId, slots }, { isPrimary: false, primaryId: 'b', slots: [] });
  });

  for (const text of ['', OTHER, 'a x myself', 'ERR']) {
    it(`reads nothing from ${JSON.stringify(text)}`, () => assert.equal(parseOwnView(text), undefined));
  }
});
