import assert from 'node:assert/strict';
import { matrix, startStandalone, type RedisServer } from '@redis-keyspace/test-utils';
import { KeyspaceArgumentError } from '../index';
import { Clients } from './clients';
import { ClusterSuite } from './cluster-suite';
import { Recorder } from './recorder';
import { perSuite } from './resources';

const heard = (recorder: Recorder) => recorder.heard.map(({ key, database }) => `${database}:${key}`).sort();

matrix('databases of a single server', binary => {
  const clients = new Clients();
  const resources = perSuite();
  let server: RedisServer;
  before(async () => {
    server = resources.add(await startStandalone(binary), opened => opened.stop());
  });
  const set = (database: number, key: string) => server.rawCommand(database, 'SET', key, 'value');

  it("hears the client's own database, a number, a list, or all", async () => {
    const client = await clients.client(server, { database: 3 });
    const [own, one, several, all] = [new Recorder(), new Recorder(), new Recorder(), new Recorder()];
    await client.subscribeKeyspace('db:*', own.listen);
    await client.subscribeKeyspace('db:*', one.listen, { database: 1 });
    await client.subscribeKeyevent('set', several.listen, { database: [0, 12] });
    await client.subscribeKeyspace('db:*', all.listen, { database: 'all' });
    for (const database of [0, 1, 2, 3, 12, 15]) await set(database, `db:${database}`);
    await client.keyspace.fence();
    assert.deepEqual(heard(own), ['3:db:3']);
    assert.deepEqual(heard(one), ['1:db:1']);
    assert.deepEqual(heard(several), ['0:db:0', '12:db:12']);
    assert.deepEqual(heard(all), ['0:db:0', '12:db:12', '15:db:15', '1:db:1', '2:db:2', '3:db:3']);
  });

  it('tells a key that was moved with both of its databases', async () => {
    const client = await clients.client(server);
    const recorder = new Recorder();
    await set(0, 'moved');
    await client.subscribeKeyspace('moved', recorder.listen, { database: 'all', events: 'move_*' });
    await server.command('MOVE', 'moved', 5);
    await client.keyspace.fence();
    assert.deepEqual(
      recorder.heard.map(({ event, database }) => [event, database]),
      [
        ['move_from', 0],
        ['move_to', 5]
      ]
    );
  });
});

matrix('databases of a cluster', server => {
  const databases = server.supports('clusterDatabases') ? 4 : 1;
  const suite = new ClusterSuite(server, { databases });

  it('refuses a database that the servers do not have, and subscribes nothing', async () => {
    const client = await suite.connect();
    for (const database of [databases, [0, 9]]) {
      await assert.rejects(
        client.subscribeKeyspace('db:*', () => undefined, { database }),
        (error: unknown) => {
          assert(error instanceof KeyspaceArgumentError);
          assert.deepEqual([error.code, error.argument], ['KEYSPACE_ARGUMENT', 'database']);
          assert.match(error.message, new RegExp(`number ${Array.isArray(database) ? 9 : database}`));
          return true;
        }
      );
    }
    assert.deepEqual(client.keyspace.status().nodes, []);
  });

  it('hears a database number, a list, or all, over all nodes', async () => {
    const client = await suite.connect();
    const nodes = [suite.a, suite.b, suite.c];
    const last = databases - 1;
    const [own, one, several, all] = [new Recorder(), new Recorder(), new Recorder(), new Recorder()];
    await client.subscribeKeyspace('db:*', own.listen);
    await client.subscribeKeyspace('db:*', one.listen, { database: last });
    await client.subscribeKeyevent('set', several.listen, { database: [0, last] });
    await client.subscribeKeyspace('db:*', all.listen, { database: 'all' });
    const keys: string[] = [];
    for (const node of nodes) {
      const key = await suite.cluster.keyFor(node, 'db:');
      keys.push(key);
      for (let database = 0; database < databases; database++) await node.rawCommand(database, 'SET', key, 'value');
    }
    await client.keyspace.fence();
    const of = (...numbers: number[]) =>
      [...new Set(numbers)].flatMap(database => keys.map(key => `${database}:${key}`)).sort();
    assert.deepEqual(heard(own), of(0));
    assert.deepEqual(heard(one), of(last));
    assert.deepEqual(heard(several), of(0, last));
    assert.deepEqual(heard(all), of(...Array.from({ length: databases }, (_, database) => database)));
  });

  it('hides the move of a key in each of its databases', async () => {
    const client = await suite.connect();
    const recorder = new Recorder();
    const { cluster, a, b } = suite;
    const slot = (await cluster.slotsOf(a))[100];
    const key = await cluster.keyFor(slot, 'dbmove:');
    for (let database = 0; database < databases; database++) await a.rawCommand(database, 'SET', key, 'value');
    await client.subscribeKeyspace('dbmove:*', recorder.listen, { database: 'all' });
    await cluster.moveSlots(a, b, [slot]);
    await client.keyspace.fence();
    assert.deepEqual(recorder.heard, []);
  });
});
