import assert from 'node:assert/strict';
import { subscriptionNeeds, type IntendedSubscription } from './subscription-needs';

describe('subscriptionNeeds', () => {
  const CASES: [intended: IntendedSubscription, flags: string, channels: [name: string, rule: string][]][] = [
    [{ kind: 'keyspace', target: 'user:*' }, 'AK', [['__keyspace@0__:user:*', '&__keyspace@0__:user:*']]],
    [
      { kind: 'keyspace', target: ['a', { prefix: 'b[' }], options: { events: ['set', 'expired'], database: 'all' } },
      '$xK',
      [
        ['__keyspace@*__:a', '&__keyspace@*__:a'],
        ['__keyspace@*__:b\\[*', '&__keyspace@*__:b\\[*']
      ]
    ],
    [{ kind: 'keyevent', event: 'expired' }, 'xE', [['__keyevent@0__:expired', '&__keyevent@0__:expired']]],
    [
      { kind: 'keyevent', event: 'del', cluster: true },
      'gE',
      [
        ['__keyevent@0__:del', '&__keyevent@0__:del'],
        ['__keyevent@0__:restore', '&__keyevent@0__:restore']
      ]
    ],
    [{ kind: 'subkeyspace', target: 'a b' }, 'hS', [['__subkeyspace@0__:a b', '&__subkeyspace@0__:a?b']]]
  ];
  for (const [intended, flags, channels] of CASES) {
    it(`says what ${JSON.stringify(intended)} needs`, () => {
      const needs = subscriptionNeeds(intended);
      assert.equal(needs.flags, flags);
      assert.deepEqual(
        needs.channels.map(({ name, rule }) => [name, rule]),
        channels
      );
    });
  }

  it('tells patterns from channels', () => {
    const { channels } = subscriptionNeeds({ kind: 'keyspace', target: ['a', 'b*'] });
    assert.deepEqual(
      channels.map(({ pattern }) => pattern),
      [false, true]
    );
  });

  const WRONG: [intended: unknown, argument: string, quoted: string][] = [
    [undefined, 'intended', 'undefined'],
    [{ kind: 'keyspaces', target: 'a' }, 'kind', '"keyspaces"'],
    [{ kind: 'keyspace', target: 'a', wrong: 1 }, 'intended', 'wrong'],
    [{ kind: 'keyspace' }, 'target', 'undefined'],
    [{ kind: 'keyevent', event: '' }, 'event', '""'],
    [{ kind: 'keyspace', target: 'a', cluster: 1 }, 'cluster', 'number 1'],
    [{ kind: 'keyspace', target: 'a', options: { database: -1 } }, 'database', 'number -1']
  ];
  for (const [intended, argument, quoted] of WRONG) {
    it(`refuses ${JSON.stringify(intended)} as the call would, quoting ${quoted}`, () => {
      assert.throws(
        () => subscriptionNeeds(intended as IntendedSubscription),
        (error: Error & { argument: string }) =>
          error.name === 'KeyspaceArgumentError' && error.argument === argument && error.message.includes(quoted)
      );
    });
  }
});
