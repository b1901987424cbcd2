import assert from 'node:assert/strict';
import { error, keyInSlot, NO_REPLY, push, waitFor, type ScriptedNode } from '@redis-keyspace/test-utils';
import { framesOf, importJob, say, ScriptedSuite, writeInTwo } from './scripted-suite';

const KEY = keyInSlot(0);
const [COPIED, LIVE, OWN] = ['x', 'y', 'z'].map(prefix => keyInSlot(5, prefix));

/** The first thing that is sent on the connection of a node that is asked for its own view. */
const QUESTION = { 2: ['PING'], 3: ['CLUSTER', 'NODES'] } as const;

describe('a scripted cluster', () => {
  const suite = new ScriptedSuite();

  for (const RESP of [2, 3] as const) {
    describe(`over RESP ${RESP}`, () => {
      /** `b` imports slot 5; `a` is asked for the slot's canary, and its answer is held. */
      async function importing() {
        const scene = await suite.hear({ RESP });
        const [a, b] = scene.nodes;
        const canary = a.hold('SSUBSCRIBE');
        b.imports = [importJob('5', a)];
        say(b, COPIED, 'copy');
        await canary.asked;
        say(a, LIVE, 'live');
        say(b, LIVE, 'live copy');
        const { keyspace } = scene.client;
        await waitFor('both copies to be hidden', () => keyspace.status().hidden === 2, { interval: 1 });
        let asked = 0;
        const moved = () => {
          asked = a.server.commands.length;
          scene.cluster.truth.move([5], b.id);
          b.imports = [importJob('5', a, 'completed')];
        };
        const gained = () => waitFor('its last words', () => a.server.commands.length > asked, { interval: 1 });
        return { ...scene, a, b, canary, moved, gained };
      }

      it('that answers a canary by MOVED while it speaks of the slot is believed up to there, and orderly', async () => {
        const { a, b, canary, moved, gained, cluster, subscription, told } = await importing();
        moved();
        await gained();
        say(b, OWN, 'own');
        const question = a.hold(...QUESTION[RESP]);
        await canary.release();
        // On its way back before the former owner is asked: only the refusal tells that it was away.
        cluster.truth.move([5], a.id);
        say(a, OWN, 'again');
        await question.release();
        await subscription.fence();
        assert.deepEqual(told(), ['a live', 'b own', 'a again']);
      });

      it('in which a slot comes and goes before it is known what its new owner said is a gap', async () => {
        const { a, b, canary, moved, gained, cluster, subscription, recorder, told } = await importing();
        const question = b.hold('CLUSTER', 'NODES');
        await question.asked;
        moved();
        say(b, OWN, 'own');
        await question.release();
        await gained();
        cluster.truth.move([5], a.id);
        b.take(8_192);
        await waitFor('the gap', () => recorder.gaps.length, { interval: 1 });
        await canary.release();
        say(a, OWN, 'again');
        await subscription.fence();
        assert.deepEqual(told(), ['a live', 'gap slots-moved', 'recovered slots-moved', 'a again']);
      });

      it('whose former owner is read later than the new one waits for is a gap', async () => {
        const { nodes, cluster, subscription, recorder, told } = await suite.hear({ RESP });
        const [a, b] = nodes;
        const question = a.hold(...QUESTION[RESP]);
        cluster.truth.move([0], b.id);
        say(b, KEY, 'own');
        await waitFor('the new owner', () => recorder.hears(KEY, 'own'), { interval: 1 });
        say(a, KEY, 'late');
        a.take(0);
        await question.release();
        await subscription.fence();
        assert.deepEqual(told(), ['b own', 'gap slots-moved', 'recovered slots-moved']);
      });

      /** What is in flight when the mark comes. */
      const FLIGHTS: readonly (readonly string[])[] = [['CLUSTER', 'NODES'], ['PING'], ['CLUSTER', 'MIGRATION']];
      for (const words of FLIGHTS) {
        // While its jobs are awaited other questions are answered, which must not come between the halves.
        const ways = words.includes('MIGRATION') ? (['whole'] as const) : (['whole', 'in two'] as const);
        for (const way of ways) {
          it(`that takes a slot away (${way}) while ${words.join(' ')} is in flight is believed up to there`, async () => {
            const { nodes, cluster, subscription, told } = await suite.hear({ RESP });
            const [a, b] = nodes;
            // Its jobs are asked for with CLUSTER NODES, when a node that imports something speaks of it.
            a.imports = [importJob('16000', b)];
            const held = a.hold(...words);
            say(a, keyInSlot(16_000), 'copy');
            const fence = subscription.fence();
            await held.asked;
            cluster.truth.move([0], b.id);
            a.imports = [importJob('0', b), ...a.imports];
            const { subscriber } = a;
            const channel = `__keyspace@0__:${KEY}`;
            const before = framesOf(subscriber, ...a.messages(channel, 'before'));
            const after = framesOf(subscriber, a.taking(0), ...a.messages(channel, 'copy'));
            await writeInTwo(subscriber, Buffer.concat([before, after]), way === 'whole' ? 0 : before.length + 20);
            await held.release();
            await fence;
            say(b, KEY, 'own');
            await subscription.fence();
            assert.deepEqual(told(), ['a before', 'b own']);
          });
        }
      }

      it('in which a node goes back in time has still the owners that it had', async () => {
        const { nodes, cluster, client, changes, slots } = await suite.connect({ RESP, primaries: 3 });
        const keys = Array.from({ length: 1_001 }, (_, index) => `${KEY}${index}`);
        const heard: string[] = [];
        const subscription = await client.subscribeKeyspace(keys, ({ key }) => heard.push(key));
        const [a, b, c] = nodes;
        const old = new Map(nodes.map(({ id }) => [id, cluster.truth.view(id)]));
        cluster.truth.move([0], b.id);
        await subscription.fence();
        await waitFor('the keys to be followed', () => b.names.length === 1_001 && !a.names.length, { interval: 1 });
        const state = () => {
          const { gaps } = client.keyspace.status();
          const names = nodes.map(node => node.names.length);
          return { slots: slots(), names, changes: changes.length, gaps, complete: subscription.coverage.complete };
        };
        const before = state();
        assert.deepEqual([before.names, before.complete], [[0, 1_001, 0], true]);
        const stale = async (...oldest: readonly ScriptedNode[]) => {
          for (const node of nodes) node.view = oldest.includes(node) ? old.get(node.id) : undefined;
          for (let round = 0; round < 3; round++) await subscription.fence();
          assert.deepEqual(state(), before);
        };
        await stale(c);
        await stale(a);
        b.script = ([name, sub]) => (name === 'CLUSTER' && sub === 'NODES' ? error('BUSY') : undefined);
        await stale(a, c);
        say(b, keys[7], 'set');
        await subscription.fence();
        assert.deepEqual(heard, [keys[7]]);
        assert.deepEqual(state(), before);
      });

      const CLAIMS = [
        ['an earlier epoch is not its owner', 1, [5_461, 5_462, 5_461]],
        ['the same epoch is its owner if its id is the smaller', 4, [5_462, 5_461, 5_461]]
      ] as const;
      for (const [title, epoch, expected] of CLAIMS) {
        it(`in which who claims a slot of another at ${title}, and both are told once until a mark`, async () => {
          const { nodes, cluster, subscription, changes, slots, told } = await suite.hear({ RESP, primaries: 3 });
          const [a, b] = nodes;
          a.view = cluster.truth
            .view(a.id)
            .replace(`${a.address}@17000 myself,master - 0 0 1`, match => match.replace(/1$/, `${epoch}`));
          cluster.truth.move([0], b.id);
          await subscription.fence();
          const known = changes.length;
          say(a, KEY, 'kept');
          say(b, KEY, 'taken');
          for (let round = 0; round < 3; round++) await subscription.fence();
          assert.deepEqual(told().sort(), ['a kept', 'b taken']);
          assert.deepEqual([slots(), changes.length], [expected, known]);
          a.view = undefined;
          a.take(0);
          say(b, KEY, 'own');
          await subscription.fence();
          assert.deepEqual(told().slice(2), ['b own']);
          assert.deepEqual(slots(), [5_461, 5_462, 5_461]);
        });
      }

      /** What `a` says, asked something: its last word of a slot, the mark, the answer, and what is copied back. */
      async function cutting() {
        const scene = await suite.hear({ RESP });
        const [a, b] = scene.nodes;
        // Whoever gains slots waits for the last words of `a`, but not for long.
        b.view = scene.cluster.truth.view(b.id);
        const held = async () => {
          const question = a.hold(...QUESTION[RESP]);
          const fence = scene.subscription.fence();
          return { question, fence, connection: await question.asked };
        };
        const lose = (slot: number) => {
          scene.cluster.truth.move([slot], b.id);
          a.imports = [importJob(`0-${slot}`, b)];
          const channel = `__keyspace@0__:${keyInSlot(slot)}`;
          const answer = RESP === 3 ? scene.cluster.truth.view(a.id) : ['pong', ''];
          return {
            before: [...a.messages(channel, 'own'), push('sunsubscribe', channel, 0)],
            answer,
            after: a.messages(channel, 'copy')
          };
        };
        const assertTold = async (count: number) => {
          assert.deepEqual(scene.told(), Array(count).fill('a own'));
          await waitFor('the copies to be hidden', () => scene.client.keyspace.status().hidden === count);
        };
        return { ...scene, held, lose, assertTold };
      }

      it('is believed up to each mark, at whatever byte its stream is cut', async () => {
        const { held, lose, subscription, assertTold } = await cutting();
        const { question, fence, connection } = await held();
        let slot = 0;
        for (let length = 1; slot < length; slot++) {
          const { before, after } = lose(slot);
          const frames = framesOf(connection, ...before, ...after);
          length = frames.length;
          await writeInTwo(connection, frames, slot);
        }
        await question.release();
        await fence;
        await subscription.fence();
        await assertTold(slot);
      });

      it('is believed up to each mark with an answer behind it, in pieces of whatever length', async () => {
        const { held, lose, assertTold } = await cutting();
        const lengths = [1, 7, 64];
        for (const [slot, length] of lengths.entries()) {
          const { question, fence, connection } = await held();
          const { before, answer, after } = lose(slot);
          connection.chunkSize = length;
          connection.write(framesOf(connection, ...before, answer, ...after));
          await question.release(NO_REPLY);
          await connection.flushed();
          connection.chunkSize = undefined;
          await fence;
        }
        await assertTold(lengths.length);
      });
    });
  }
});
