import assert from 'node:assert/strict';
import { parseArguments } from './arguments';

describe('the arguments of the soak', () => {
  it('are random moves for five minutes on all servers where nothing else is said', () => {
    const { minutes, rounds, servers, scenarios, war, seed } = parseArguments([], 12_345_678);
    assert.deepEqual(
      { minutes, rounds, servers, scenarios, war, seed },
      {
        minutes: 5,
        rounds: Infinity,
        servers: undefined,
        scenarios: [],
        war: false,
        seed: 345_678
      }
    );
  });

  it('are taken as they are given', () => {
    const args =
      '--minutes 30 --seed 7 --server redis8 --server valkey9 --scenario atomic --war --peers --outside 0 --resp 2'.split(
        ' '
      );
    const { minutes, seed, servers, scenarios, war, peers, outside, resp } = parseArguments(args);
    assert.deepEqual(
      { minutes, seed, servers, scenarios, war, peers, outside, resp },
      {
        minutes: 30,
        seed: 7,
        servers: ['redis8', 'valkey9'],
        scenarios: ['atomic'],
        war: true,
        peers: true,
        outside: 0,
        resp: 2
      }
    );
  });

  it('are refused with what is wrong about them', () => {
    assert.throws(() => parseArguments(['--scenario', 'tea']), /--scenario "tea": there are calm, /);
    assert.throws(() => parseArguments(['--minutes', 'many']), /--minutes "many": a number is wanted/);
    assert.throws(() => parseArguments(['--outside', '2']), /--outside "2": a number from 0 to 1 is wanted/);
    assert.throws(() => parseArguments(['--resp', '4']), /--resp "4": 2 or 3 is wanted/);
    assert.throws(() => parseArguments(['--peace']), /--peace/);
  });
});
