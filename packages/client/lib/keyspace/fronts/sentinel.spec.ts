import assert from 'node:assert/strict';
import { createSentinel } from '@redis/client';
import { FakeServer, stopAll } from '@redis-keyspace/test-utils';
import type { UpstreamSentinel } from '../../upstream';
import type { AskedNode } from '../nodes/topology-watcher';
import { singleTopology } from '../plan/topology';
import { sentinelFront } from './sentinel';

const NO_NODES: ReadonlyMap<string, AskedNode> = new Map();

/** A front on a sentinel client that was told who the primary is. */
function make(options: object = {}) {
  const client = createSentinel({
    name: 'm',
    sentinelRootNodes: [{ host: '127.0.0.1', port: 1 }],
    ...options
  }) as unknown as UpstreamSentinel & NodeJS.EventEmitter;
  const state: { primary?: { host: string; port: number } } = { primary: { host: 'h', port: 1 } };
  client.getMasterNode = () => state.primary;
  const front = sentinelFront(client);
  const look = (current: ReturnType<typeof singleTopology> | undefined, role?: unknown) => {
    const asked = { address: 'h:1', state: 'ready', command: () => Promise.resolve(role) } as unknown as AskedNode;
    return front.look({ current, hinted: new Set(), nodes: role === undefined ? NO_NODES : new Map([['h:1', asked]]) });
  };
  return { client, front, state, look };
}

const known = singleTopology({ host: 'h', port: 1, address: 'h:1' });

describe('the front of a sentinel client', () => {
  after(stopAll);

  it('has the one primary that upstream has, and its replicas once it can be asked', async () => {
    const { look } = make();
    assert.deepEqual([...(await look(undefined))!.nodes.keys()], ['h:1']);
    const topology = await look(undefined, [
      'master',
      1,
      [
        ['r', '2', '0'],
        ['s', '3', '0']
      ]
    ]);
    assert.deepEqual(
      [...topology!.nodes.values()].map(({ address, role }) => [address, role]),
      [
        ['h:1', 'primary'],
        ['r:2', 'replica'],
        ['s:3', 'replica']
      ]
    );
  });

  it('keeps what it knows between two primaries, and while the primary cannot be asked', async () => {
    const { look, state } = make();
    assert.equal(await look(known), known);
    state.primary = undefined;
    assert.equal(await look(known), undefined);
  });

  it('does not believe a demoted primary that upstream has not let go', async () => {
    const { look } = make();
    assert.equal(await look(known, ['slave', 'x', 6379, 'connected', 1]), known);
  });

  it('is hinted by what upstream learns', () => {
    const { client, front } = make();
    let hints = 0;
    const stop = front.watch!(() => hints++);
    client.emit('topology-change', {});
    stop();
    client.emit('topology-change', {});
    assert.equal(hints, 1);
  });

  it('has the database of its nodes, and rejects when it is closed', async () => {
    const { front } = make({ nodeClientOptions: { database: 3 } });
    assert.deepEqual([front.kind, front.defaultDatabase], ['sentinel', 3]);
    assert.throws(() => front.assertOpen(), /The client is closed/);
    await front.prepare([]);
    assert.equal(make().front.defaultDatabase, 0);
  });

  it('asks and connects by the options of its nodes', async () => {
    const server = await FakeServer.start();
    const { front } = make({
      RESP: 3,
      nodeAddressMap: { 'h:1': { host: server.host, port: server.port } },
      nodeClientOptions: { password: 'p' }
    });
    const [node] = known.primaries;
    assert.equal(await front.ask(node, send => send(['PING'])), 'PONG');
    const connection = await front.connect(node, { message: () => {}, closed: () => {} }, new AbortController().signal);
    connection.destroy();
    assert.ok(server.commands.some(({ args }) => args[0] === 'HELLO' && args.includes('p')));
  });

  it('reports errors as errors of the client', () => {
    const { client, front } = make();
    const errors: unknown[] = [];
    client.on('error', error => errors.push(error));
    front.reportError(new Error('of the user'));
    assert.equal(errors.length, 1);
  });
});
