import assert from 'node:assert/strict';
import { RoleTrail } from './role-trail';

describe('the server of a client without a cluster', () => {
  const CASES: [roles: (string | undefined)[], mustBePrimary: boolean, isSound: boolean][] = [
    [['master', 'master'], true, true],
    [['slave', 'slave'], false, true],
    [['slave', 'slave'], true, false],
    [['master', 'slave'], false, false],
    [['slave', 'master'], true, false],
    [[undefined, undefined], true, true]
  ];
  for (const [roles, mustBePrimary, isSound] of CASES) {
    it(`${isSound ? 'stays' : 'does not stay'} what it is as ${roles.join(', ')}, ${mustBePrimary ? 'monitored' : 'alone'}`, () => {
      const trail = new RoleTrail([], mustBePrimary);
      for (const role of roles) trail.see(role);
      assert.equal(trail.isSound, isSound);
    });
  }

  it('has the keys of the slots that were asked for, or all', () => {
    assert.deepEqual(
      [1, 2, 3].map(slot => new RoleTrail([[2, 2]], false).wants(slot)),
      [false, true, false]
    );
    assert.equal(new RoleTrail([], false).wants(3), true);
  });
});
