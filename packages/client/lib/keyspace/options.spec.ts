import assert from 'node:assert/strict';
import { DEFAULT_KEYSPACE_OPTIONS, resolveKeyspaceOptions } from './options';

describe('keyspace options', () => {
  it('are the defaults unless told otherwise; undefined tells nothing', () => {
    assert.deepEqual(resolveKeyspaceOptions(), DEFAULT_KEYSPACE_OPTIONS);
    assert.deepEqual(
      resolveKeyspaceOptions({ standby: undefined, heartbeatInterval: undefined }),
      DEFAULT_KEYSPACE_OPTIONS
    );
    assert.equal(resolveKeyspaceOptions({ heartbeatInterval: 0 }).heartbeatInterval, 0);
    assert.equal(resolveKeyspaceOptions({ subscribeTimeout: 7 }).subscribeTimeout, 7);
  });

  it('cannot be changed afterwards', () => {
    assert.ok(Object.isFrozen(resolveKeyspaceOptions({ standby: true })));
  });

  const WRONG: readonly [options: unknown, argument: string, message: RegExp][] = [
    [null, 'keyspace', /keyspace must be an object, got object null/],
    ['check', 'keyspace', /got "check"/],
    [{ heartbeat: 1 }, 'keyspace', /an object with only notifyKeyspaceEvents, .*, got object with heartbeat/],
    [{ notifyKeyspaceEvents: 'on' }, 'keyspace.notifyKeyspaceEvents', /one of "check", "enable", "ignore", got "on"/],
    [
      { topologyRefreshInterval: 0 },
      'keyspace.topologyRefreshInterval',
      /a whole number from 1 to 2147483647, got number 0/
    ],
    [{ heartbeatTimeout: '3000' }, 'keyspace.heartbeatTimeout', /got "3000"/],
    [{ heartbeatInterval: -1 }, 'keyspace.heartbeatInterval', /from 0 to .*, got number -1/],
    [{ subscribeTimeout: 1.5 }, 'keyspace.subscribeTimeout', /got number 1\.5/],
    [{ subscribeTimeout: Infinity }, 'keyspace.subscribeTimeout', /got number Infinity/],
    [{ subscribeTimeout: 2 ** 31 }, 'keyspace.subscribeTimeout', /got number 2147483648/],
    [{ standby: 1 }, 'keyspace.standby', /true or false, got number 1/],
    [{ shareConnection: 'yes' }, 'keyspace.shareConnection', /true or false, got "yes"/],
    [{ toString: 1 }, 'keyspace', /got object with toString/]
  ];
  for (const [options, argument, message] of WRONG) {
    it(`refuse ${JSON.stringify(options)}`, () => {
      assert.throws(() => resolveKeyspaceOptions(options as never), {
        name: 'KeyspaceArgumentError',
        code: 'KEYSPACE_ARGUMENT',
        argument,
        message
      });
    });
  }
});
