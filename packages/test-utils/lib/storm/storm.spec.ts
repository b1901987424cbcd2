import assert from 'node:assert/strict';
import { createClient } from '@redis/client';
import { startCluster } from '../cluster/start-cluster';
import type { TestCluster } from '../cluster/test-cluster';
import { isAlive } from '../servers/file-lock';
import { matrix } from '../servers/matrix';
import { stopAll } from '../standalone/running-servers';
import { StepError, pause, together, type Step } from './scene';
import { block } from './steps/connection-steps';
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

  it('has writers who write on while our event loop stands still', async () => {
    const storm = await Storm.begin(cluster, writer, { seed: 3 });
    const { counters, ledger, log } = storm;
    await storm.listen(listener('all'));
    await storm.play([block(500)]);
    const [{ verdict, report }] = await storm.end();
    assert.deepEqual(verdict.findings, [], report);
    const [{ since, until }] = log.records;
    const asleep = since + 50;
    const isOutside = (key: string) => key.startsWith(`${storm.prefix}outside:`);
    const during = ledger.histories.filter(({ expected }) =>
      expected.some(({ sentAt, answeredAt }) => asleep < sentAt && answeredAt < until)
    );
    assert(during.length > 50 && during.every(({ key }) => isOutside(key)), `${during.length} keys`);
    const written = new Set(ledger.histories.map(({ key }) => key));
    assert(counters.some(isOutside) && counters.some(key => !isOutside(key)), counters.join());
    assert.deepEqual(
      counters.filter(key => !written.has(key)),
      [],
      'known before the first write'
    );
  });

  it('ends the process of its writers with itself, also when it has failed', async () => {
    const storm = await Storm.begin(cluster, writer);
    const { pid } = storm.crew;
    const step: Step = { name: 'the death of who writes', run: async () => void process.kill(pid!, 'SIGKILL') };
    await assert.rejects(storm.play([step, pause(50)], { before: 0, after: 0 }), /has ended \(SIGKILL\)/);
    await storm.close();
    const other = await Storm.begin(cluster, writer);
    assert.equal(isAlive(other.crew.pid!), true);
    await other.close();
    assert.equal(isAlive(other.crew.pid!), false);
  });

  it('has all its writers here when none are wanted outside, and refuses a share that is none', async () => {
    const storm = await Storm.begin(cluster, writer, { outside: 0 });
    assert.equal(storm.crew.pid, undefined);
    await storm.play([pause(100)], { before: 0, after: 0 });
    await storm.close();
    assert(storm.ledger.acknowledged > 0);
    assert(storm.ledger.histories.every(({ key }) => !key.includes('outside')));
    for (const outside of [-0.1, 1.1, NaN]) {
      await assert.rejects(Storm.begin(cluster, writer, { outside }), { code: 'USAGE', message: /from 0 to 1, not / });
    }
  });

  it('fails with the name of the step that could not be done', async () => {
    const step: Step = { name: 'the impossible', run: () => Promise.reject(new Error('no')) };
    const storm = await Storm.begin(cluster, writer, { outside: 0 });
    await assert.rejects(storm.play([together('both', pause(1), step)], { before: 0 }), (error: Error) => {
      assert(error instanceof StepError);
      assert.match(error.message, /"both".*"the impossible": no/);
      return true;
    });
    await storm.close();
  });
});
