import assert from 'node:assert/strict';
import { error, keyInSlot, NO_REPLY, waitFor, type Reply, type ScriptedNode } from '@redis-keyspace/test-utils';
import { KeyspaceTimeoutError } from '../index';
import { say, ScriptedSuite } from './scripted-suite';

const KEY = keyInSlot(16_000);

/** What a node may say to CLUSTER NODES, and what is said of it then. */
const ANSWERS: Readonly<Record<string, readonly [reply: Reply | typeof NO_REPLY, cause: RegExp]>> = {
  'by garbage': ['hello\r\n* ? -', /CLUSTER NODES by "hello/],
  'by a number': [7, /CLUSTER NODES by "7"/],
  'by an error': [error('NOPERM this user has no permissions'), /NOPERM/],
  never: [NO_REPLY, /did not answer/]
};
const QUICK = { heartbeatInterval: 20, heartbeatTimeout: 300, subscribeTimeout: 800 };

describe('a node that answers CLUSTER NODES', () => {
  const suite = new ScriptedSuite();
  const answer = (node: ScriptedNode, reply: Reply | typeof NO_REPLY) => {
    node.script = ([name, sub]) => (name === 'CLUSTER' && sub === 'NODES' ? reply : undefined);
  };

  for (const RESP of [2, 3] as const) {
    for (const [title, [reply, cause]] of Object.entries(ANSWERS)) {
      // The first look at the cluster waits longer for an answer.
      if (reply !== NO_REPLY)
        it(`${title} (RESP ${RESP}) is named by the call that cannot be sure of it, and nothing is left`, async () => {
          const { client, nodes } = await suite.connect({ RESP, keyspace: QUICK });
          answer(nodes[1], reply);
          await assert.rejects(client.subscribeKeyspace('*'), (reason: unknown) => {
            assert(reason instanceof KeyspaceTimeoutError, String(reason));
            assert(reason.nodes.includes(nodes[1].address));
            assert.match(String(reason.cause), cause);
            return true;
          });
          assert.deepEqual(client.keyspace.status().nodes, []);
          client.destroy();
          await waitFor('the connections to close', () => nodes.every(({ server }) => !server.connections.length));
        });

      it(`${title} (RESP ${RESP}) when it has changed is a gap until it says it`, async () => {
        const { client, nodes, cluster, recorder, subscription, told } = await suite.hear({ RESP, keyspace: QUICK });
        const [a, b] = nodes;
        say(b, KEY, 'before');
        await subscription.fence();
        answer(b, reply);
        say(b, KEY, 'calm');
        if (reply !== NO_REPLY)
          await waitFor('what is not in doubt', () => recorder.hears(KEY, 'calm'), { interval: 1 });
        cluster.truth.move([8_192], a.id);
        b.take(8_192);
        say(b, KEY, 'lost');
        const saidAt = Date.now();
        await waitFor('the gap', () => recorder.gaps.length, { interval: 1 });
        assert.equal(subscription.coverage.complete, false);
        assert(Number(recorder.gaps[0].since) <= saidAt, 'it begins too late');
        b.script = undefined;
        await waitFor('the end of the gap', () => recorder.recovered.length, { interval: 1 });
        say(b, KEY, 'after');
        await subscription.fence();
        const heard = told().filter(entry => entry !== 'b calm');
        const reason = reply === NO_REPLY ? 'node-silent' : 'disconnected';
        assert.deepEqual(heard, ['b before', `gap ${reason}`, `recovered ${reason}`, 'b after']);
        assert.equal(client.keyspace.status().gaps.total, 1);
      });
    }
  }
});
