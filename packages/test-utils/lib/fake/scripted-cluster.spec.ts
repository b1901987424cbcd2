import assert from 'node:assert/strict';
import { createClient } from '@redis/client';
import { keyInSlot } from '../cluster/slot-key';
import { stopAll } from '../standalone/running-servers';
import { NO_REPLY } from './reply';
import { ScriptedCluster } from './scripted-cluster';
import type { ScriptedNode } from './scripted-node';

const CHANNEL = `__keyspace@0__:${keyInSlot(0)}`;

describe('scripted cluster', () => {
  const closing: (() => void)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) close();
    await stopAll();
  });

  async function connect({ server }: ScriptedNode) {
    const client = createClient({ url: server.url, RESP: 3 });
    await client.connect();
    closing.push(() => client.destroy());
    return (...args: string[]) => client.sendCommand(args);
  }

  it('answers as its nodes would: who they are, what they own and where a slot is', async () => {
    const cluster = await ScriptedCluster.start({ primaries: 2, replicas: 1 });
    const [a, b, replica] = cluster.nodes;
    const [askA, askB, askReplica] = await Promise.all([a, b, replica].map(connect));
    assert.equal(await askA('CLUSTER', 'NODES'), cluster.truth.view(a.id));
    assert.deepEqual(await askA('CLUSTER', 'SLOTS'), [
      [0, 8_191, ['127.0.0.1', a.server.port, a.id, []]],
      [8_192, 16_383, ['127.0.0.1', b.server.port, b.id, []]]
    ]);
    const shards: unknown = await askA('CLUSTER', 'SHARDS');
    assert(Array.isArray(shards) && shards.length === 4);
    assert.match(String(await askReplica('INFO')), /role:slave/);
    await assert.rejects(askB('SSUBSCRIBE', CHANNEL), { message: `MOVED 0 ${a.address}` });
    cluster.truth.move([0], b.id);
    await assert.rejects(askA('SSUBSCRIBE', CHANNEL), { message: `MOVED 0 ${b.address}` });
    cluster.truth.failover(replica.id);
    assert.match(String(await askReplica('INFO')), /role:master/);
  });

  it('says something else when it is told to', async () => {
    const cluster = await ScriptedCluster.start({ primaries: 2 });
    const [a, b] = cluster.nodes;
    const ask = await connect(b);
    const before = (b.view = cluster.truth.view(b.id));
    cluster.truth.move([0], b.id);
    assert.equal(await ask('CLUSTER', 'NODES'), before);
    await assert.rejects(ask('SSUBSCRIBE', CHANNEL), { message: `MOVED 0 ${a.address}` });
    b.imports = [{ id: '1', state: 'completed' }];
    assert.deepEqual(await ask('CLUSTER', 'MIGRATION', 'STATUS', 'ALL'), [{ id: '1', state: 'completed' }]);
    b.script = ([name]) => (name === 'ECHO' ? 'noon' : undefined);
    assert.equal(await ask('ECHO'), 'noon');
  });

  it('keeps one command waiting, and what follows it, until it is released', async () => {
    const [node] = (await ScriptedCluster.start({ primaries: 1 })).nodes;
    const ask = await connect(node);
    const held = node.hold('CLUSTER', 'NODES');
    const log: string[] = [];
    const asked = ask('CLUSTER', 'NODES').then(answer => log.push(String(answer)));
    const pinged = ask('PING').then(answer => log.push(String(answer)));
    const connection = await held.asked;
    connection.reply('by hand');
    await asked;
    assert.deepEqual(log, ['by hand']);
    await held.release(NO_REPLY);
    await pinged;
    assert.deepEqual(log, ['by hand', 'PONG']);
  });

  it('says things to who is subscribed, by each name that matches, and takes channels away', async () => {
    const [node] = (await ScriptedCluster.start({ primaries: 1 })).nodes;
    const ask = await connect(node);
    assert.throws(() => node.taking(0), TypeError);
    void ask('PSUBSCRIBE', '__keyspace@0__:*');
    void ask('SUBSCRIBE', CHANNEL, 'another');
    void ask('SSUBSCRIBE', CHANNEL);
    await node.server.waitForCommand('SSUBSCRIBE');
    assert.deepEqual(node.names, ['psubscribe __keyspace@0__:*', `subscribe ${CHANNEL}`, 'subscribe another']);
    assert.deepEqual(
      node.messages(CHANNEL, 'set').map(message => (message as { value: unknown }).value),
      [
        ['pmessage', '__keyspace@0__:*', CHANNEL, 'set'],
        ['message', CHANNEL, 'set']
      ]
    );
    assert.deepEqual((node.taking(0) as { value: unknown }).value, ['sunsubscribe', CHANNEL, 0]);
    assert.throws(() => node.taking(0), /nothing of slot 0/);
  });
});
