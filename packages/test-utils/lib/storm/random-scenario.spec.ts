import assert from 'node:assert/strict';
import { createServerBinary } from '../servers/server-binary';
import { randomScenario } from './random-scenario';

describe('a random scenario', () => {
  const server = (version: string) => createServerBinary({ product: 'redis', version, command: [], source: 'path' });
  const names = (seed: number, version = '8.6.0', war = false) =>
    randomScenario(server(version), seed, { war }).steps.map(({ name }) => name);

  it('is the same for the same seed, and another for another', () => {
    assert.deepEqual(names(3), names(3));
    assert.notDeepEqual(names(3), names(4));
  });

  it('asks a server for nothing that it cannot do', () => {
    const all = Array.from({ length: 100 }, (_, seed) => names(seed, '7.0.0')).flat();
    assert(all.length > 300);
    assert(!all.some(name => name.includes('atomic')));
  });

  it('has crashes in war only', () => {
    const kills = (war: boolean) =>
      Array.from({ length: 100 }, (_, seed) => names(seed, '8.6.0', war))
        .flat()
        .filter(name => /crash|freeze|KILL/.test(name)).length;
    assert.equal(kills(false), 0);
    assert(kills(true) > 20);
  });
});
