import assert from 'node:assert/strict';
import { Tally } from './tally';

describe('tally', () => {
  it('goes on counting for an address that comes back', () => {
    const tally = new Tally();
    tally.of('h:1').received++;
    tally.of('h:2').hidden += 3;
    tally.of('h:1').received++;
    assert.deepEqual(
      [...tally.byAddress].map(([address, { received, hidden }]) => [address, received, hidden]),
      [
        ['h:2', 0, 3],
        ['h:1', 2, 0]
      ]
    );
  });

  it('sums up all nodes', () => {
    const tally = new Tally();
    for (const [index, address] of ['h:1', 'h:2', 'h:3'].entries()) {
      Object.assign(tally.of(address), { received: index, delivered: 10 * index, hidden: 1, dropped: 100 * index });
    }
    assert.deepEqual(tally.total(), { received: 3, delivered: 30, hidden: 3, dropped: 300 });
  });

  it('remembers no more nodes than its limit, and loses nothing of the sum', () => {
    const tally = new Tally(2);
    for (const address of ['h:1', 'h:2', 'h:1', 'h:3', 'h:4']) tally.of(address).delivered++;
    assert.deepEqual([...tally.byAddress.keys()], ['h:3', 'h:4']);
    assert.equal(tally.total().delivered, 5);
  });
});
