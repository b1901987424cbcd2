import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { CHANNELS } from '@redis/client';
import type { KeyNotification } from '../delivery/key-notification';
import { KEYSPACE_CHANNELS, isFollowed, notificationTap, publish } from './channels';
import type { KeyspaceEvents } from './events';

const ready = { node: 'h:1', role: 'primary', reason: 'connected' } as const;

/** What is published on the channel while `act` runs. */
function heard(name: string, act: () => void): unknown[] {
  const messages: unknown[] = [];
  const onMessage = (message: unknown) => void messages.push(message);
  subscribe(name, onMessage);
  try {
    act();
  } finally {
    unsubscribe(name, onMessage);
  }
  return messages;
}

describe('diagnostics channels', () => {
  it("have names in node-redis' manner, none of which it has itself", () => {
    const names: string[] = Object.values(KEYSPACE_CHANNELS);
    assert.ok(names.every(name => /^node-redis:keyspace:[a-z-]+$/.test(name)));
    const theirs: string[] = Object.values(CHANNELS);
    assert.deepEqual(
      names.filter(name => theirs.includes(name)),
      []
    );
  });

  const EVENTS: readonly [event: keyof KeyspaceEvents, name: string][] = [
    ['gap', KEYSPACE_CHANNELS.GAP],
    ['recovered', KEYSPACE_CHANNELS.RECOVERED],
    ['topology-change', KEYSPACE_CHANNELS.TOPOLOGY_CHANGE],
    ['node-ready', KEYSPACE_CHANNELS.NODE_READY],
    ['node-lost', KEYSPACE_CHANNELS.NODE_LOST],
    ['warning', KEYSPACE_CHANNELS.WARNING]
  ];
  for (const [event, name] of EVENTS) {
    it(`tell ${event} on ${name}, with the client's id`, () => {
      assert.deepEqual(
        heard(name, () => {
          assert.equal(isFollowed(event), true);
          publish(event, 'c-1', ready as never);
        }),
        [{ clientId: 'c-1', ...ready }]
      );
      assert.equal(isFollowed(event), false);
    });
  }

  it('make nothing while nobody has subscribed', () => {
    const told = new Proxy(ready, { ownKeys: () => assert.fail('it was read') });
    publish('node-ready', 'c-1', told);
  });

  it('tell notifications while anybody has subscribed', () => {
    const tap = notificationTap('c-1');
    const notification: KeyNotification = {
      kind: 'keyspace',
      event: 'set',
      key: 'k',
      database: 0,
      subkeys: [],
      node: 'h:1'
    };
    assert.equal(tap.channel.hasSubscribers, false);
    assert.deepEqual(
      heard(KEYSPACE_CHANNELS.NOTIFICATION, () => {
        assert.equal(tap.channel.hasSubscribers, true);
        tap.publish(notification);
      }),
      [{ clientId: 'c-1', ...notification }]
    );
    assert.equal(tap.channel.hasSubscribers, false);
  });
});
