import assert from 'node:assert/strict';
import { createClient } from '@redis/client';
import { startCluster } from '../cluster/start-cluster';
import type { TestCluster } from '../cluster/test-cluster';
import { matrix } from '../servers/matrix';
import { stopAll } from '../standalone/running-servers';
import { StepError, pause, together, type Step } from './scene';
import { classicMove } from './steps/slot-steps';
import { Storm, type StormListener } from './storm';
import { createStormClient } from './storm-client';

matrix('a storm', server => {
  let cluster: TestCluster;
  let writer: ReturnType<typeof createStormClient>;

  before(async () => {
    cluster = await startCluster(server);
    writer = await createStormClient(cluster).connect();
  });

  after(async () => {
    writer.destroy();
    await stopAll();
  });

  /** Hears all nodes, or all but the first one. */
  const listener = (name: string, deafTo = 0): StormListener => ({
    name,
    async open(hearing, { prefix }) {
      const clients = await Promise.all(
        cluster.nodes.slice(deafTo).map(async ({ url, address }) => {
          const client = await createClient({ url }).connect();
          await client.pSubscribe(`__keyspace@0__:${prefix}*`, (event, channel) =>
            hearing.heard(event, channel.slice('__keyspace@0__:'.length), 0, address)
          );
          return client;
        })
      );
      return {
        // Who is deaf is not waited for.
        ...(deafTo ? {} : { fence: async () => void (await Promise.all(clients.map(client => client.ping()))) }),
        close: () => clients.forEach(client => client.destroy())
      };
    }
  });

  it('finds nothing where all is heard, names what is not, and says who said it', async () => {
    const storm = await Storm.begin(cluster, writer, { witness: true });
    for (const each of [listener('all'), listener('deaf', 1)]) await storm.listen(each);
    await storm.play([pause(300)], { before: 0, after: 0 });
    const [all, deaf] = await storm.end();
    assert.deepEqual(all.verdict.findings, [], all.report);
    const { acknowledged, heard, lost, repeated, invented, misordered } = deaf.verdict.summary;
    assert(lost > 0 && lost < acknowledged, deaf.report);
    assert.deepEqual([heard, repeated, invented, misordered], [acknowledged - lost, 0, 0, 0]);
    assert(deaf.verdict.findings.every(({ saidBy }) => saidBy?.join() === cluster.nodes[0].address));
    assert.match(deaf.report, /lost \w+ storm:\w+:\S+ \(slot \d+\) .*\n +witness: 127\.0\.0\.1:\d+ /);
  });

  it('names the phantoms of a move, and the step that made them', async () => {
    const storm = await Storm.begin(cluster, writer, { seed: 2 });
    await storm.listen(listener('all'));
    await storm.play([classicMove({ linger: 20 })]);
    const [{ verdict, report }] = await storm.end();
    const { lost, misordered, invented } = verdict.summary;
    assert.deepEqual([lost, misordered], [0, 0], report);
    assert(invented > 0);
    assert.match(report, /invented (restore|del) \S+ .* classic move of 8 slots from primary 0 to 1 \+/);
  });

  it('fails with the name of the step that could not be done', async () => {
    const step: Step = { name: 'the impossible', run: () => Promise.reject(new Error('no')) };
    const storm = await Storm.begin(cluster, writer);
    await assert.rejects(storm.play([together('both', pause(1), step)], { before: 0 }), (error: Error) => {
      assert(error instanceof StepError);
      assert.match(error.message, /"both".*"the impossible": no/);
      return true;
    });
    await storm.close();
  });
});
