import assert from 'node:assert/strict';
import { keyInSlot, waitFor, type ScriptedNode } from '@redis-keyspace/test-utils';
import type { KeyspaceListener } from '../index';
import { Recorder } from './recorder';
import { importJob, namesOf, ScriptedSuite } from './scripted-suite';

const SLOT = 5;
const KEYS = ['k', 'l', 'm', 'n', 'o'].map(prefix => keyInSlot(SLOT, prefix));

type Client = Awaited<ReturnType<ScriptedSuite['connect']>>['client'];
type Subscribe = (client: Client, listen: KeyspaceListener) => Promise<unknown>;

/** Each way to subscribe, and how its channel tells that an event concerns a key and its field, as Redis 8.8 does. */
const FAMILIES: readonly (readonly [
  title: string,
  subscribe: Subscribe,
  message: (key: string, event: string, field: string) => readonly [channel: string, payload: string]
])[] = [
  [
    'keyspace patterns',
    (client, listen) => client.subscribeKeyspace('*', listen),
    (key, event) => [`__keyspace@0__:${key}`, event]
  ],
  [
    'exact keys',
    (client, listen) => client.subscribeKeyspace(KEYS, listen),
    (key, event) => [`__keyspace@0__:${key}`, event]
  ],
  [
    'keyevents',
    (client, listen) => client.subscribeKeyevent('*', listen),
    (key, event) => [`__keyevent@0__:${event}`, key]
  ],
  [
    'subkeyspace',
    (client, listen) => client.subscribeSubkeyspace('*', listen),
    (key, event, field) => [`__subkeyspace@0__:${key}`, `${event}|${field.length}:${field}`]
  ],
  [
    'subkeyevent',
    (client, listen) => client.subscribeSubkeyevent('*', listen),
    (key, event, field) => [`__subkeyevent@0__:${event}`, `${key.length}:${key}|${field.length}:${field}`]
  ],
  [
    'subkeyspaceitem',
    (client, listen) => client.subscribeSubkeyspaceItem('*', '*', listen),
    (key, event, field) => [`__subkeyspaceitem@0__:${key}\n${field}`, event]
  ],
  [
    'subkeyspaceevent',
    (client, listen) => client.subscribeSubkeyspaceEvent('*', '*', listen),
    (key, event, field) => [`__subkeyspaceevent@0__:${event}|${key}`, `${field.length}:${field}`]
  ]
];

describe('a handover of scripted nodes', () => {
  const suite = new ScriptedSuite();

  for (const RESP of [2, 3] as const) {
    for (const [title, subscribe, message] of FAMILIES) {
      async function scene(replicas = 0) {
        const connected = await suite.connect({ RESP, replicas });
        const { client, nodes } = connected;
        const recorder = new Recorder();
        await subscribe(client, recorder.listen);
        const say = (node: ScriptedNode, key: string, ...events: readonly string[]) => {
          for (const event of events) node.say(...message(key, event, 'field'));
        };
        const told = () => connected.told(recorder);
        const hides = (count: number) =>
          waitFor('that to be hidden', () => client.keyspace.status().hidden === count, { interval: 1 });
        return { ...connected, a: nodes[0], b: nodes[1], say, told, hides };
      }

      it(`of a slot that is imported atomically is exact for ${title} (RESP ${RESP})`, async () => {
        const { cluster, client, a, b, say, told, hides } = await scene();
        const [k, l, m] = KEYS;
        say(a, k, 'hset1');
        b.imports = [importJob(`${SLOT}`, a)];
        for (const key of [m, k, l]) say(b, key, 'hset');
        await hides(3);
        // What the source says now it says when that has been heard.
        await client.keyspace.fence();
        say(a, k, 'hset2');
        say(a, l, 'hset2');
        // The rest is read at once: the live writes once more, then the new owner's own.
        const question = b.hold('CLUSTER', 'NODES');
        await question.asked;
        say(b, k, 'hset2');
        say(b, l, 'hset2');
        cluster.truth.move([SLOT], b.id);
        b.imports = [importJob(`${SLOT}`, a, 'completed')];
        say(b, k, 'hset3');
        say(b, m, 'hset3');
        await question.release();
        await client.keyspace.fence();
        say(b, k, 'hset4');
        await client.keyspace.fence();
        assert.deepEqual(told(), ['a hset1', 'a hset2', 'a hset2', 'b hset3', 'b hset3', 'b hset4']);
        assert.equal(client.keyspace.status().gaps.total, 0);
      });

      it(`of a primary to its replica tells no echo for ${title} (RESP ${RESP})`, async () => {
        const { cluster, client, nodes, a, say, told, hides } = await scene(1);
        const next = nodes[2];
        const [k] = KEYS;
        say(a, k, 'hset1');
        await client.keyspace.fence();
        // Nothing was written between the promotion and the subscription.
        Object.assign(next.info, { second_repl_offset: 101 });
        cluster.truth.failover(next.id);
        next.take(0);
        a.take(0);
        say(a, k, 'hset2');
        await hides(1);
        await waitFor('the new primary to be subscribed', () => namesOf(next).length, { interval: 1 });
        say(next, k, 'hset2');
        await client.keyspace.fence();
        assert.deepEqual(told(), ['a hset1', 'c hset2']);
        assert.equal(client.keyspace.status().gaps.total, 0);
      });
    }
  }
});
