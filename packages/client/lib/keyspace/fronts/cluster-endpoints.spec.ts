import assert from 'node:assert/strict';
import { parseClusterNodes, type ClusterView } from '../plan/cluster-view';
import { ClusterEndpoints } from './cluster-endpoints';

const view = (...lines: string[]): ClusterView => parseClusterNodes(lines.join('\n'));
const A = 'a 10.0.0.1:7000@17000 myself,master - 0 0 1 connected 0-9';
const B = 'b 10.0.0.2:7001@17001 slave a 0 0 1 connected';

type Fields = Record<string, unknown>;
const shard = (...nodes: Fields[]): Fields => ({ slots: [0, 9], nodes });
/** As RESP2 has it: maps are flat lists. */
const flat = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(flat)
    : typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([key, item]) => [key, flat(item)])
      : value;

/** Endpoints that have learnt from what a server answers; a command without an answer is refused. */
async function learn(answers: Record<string, unknown>, { tls = false, from = view(A, B), fallback = 'asked' } = {}) {
  const asked: string[] = [];
  const endpoints = new ClusterEndpoints(tls);
  const ask = ([, command]: readonly string[]) => {
    asked.push(command);
    return command in answers ? Promise.resolve(answers[command]) : Promise.reject(new Error('ERR unknown subcommand'));
  };
  await endpoints.learn([from], ask, fallback);
  const of = (id: string) => {
    const { host, port } = endpoints.of(from.nodes.get(id)!);
    return `${host}:${port}`;
  };
  return { endpoints, asked, ask, of };
}

describe('cluster endpoints', () => {
  const SHARDS = [
    shard(
      { id: 'a', port: 7000, ip: '10.0.0.1', endpoint: 'one.example' },
      { id: 'b', port: 7001, ip: '10.0.0.2', endpoint: 'two.example' }
    )
  ];

  for (const [protocol, reply] of [
    ['RESP3', SHARDS],
    ['RESP2', flat(SHARDS)]
  ] as const) {
    it(`are those of CLUSTER SHARDS, as ${protocol} has it`, async () => {
      const { of, asked } = await learn({ SHARDS: reply });
      assert.deepEqual([of('a'), of('b'), asked], ['one.example:7000', 'two.example:7001', ['SHARDS']]);
    });
  }

  it('are those of CLUSTER SLOTS where there is no CLUSTER SHARDS', async () => {
    const { of, asked } = await learn({ SLOTS: [[0, 9, ['one.example', 7000, 'a', []], [null, 7001, 'b', []]]] });
    assert.deepEqual([of('a'), of('b'), asked], ['one.example:7000', '10.0.0.2:7001', ['SHARDS', 'SLOTS']]);
  });

  it('are those of CLUSTER NODES where there is nothing else', async () => {
    const { of } = await learn({});
    assert.deepEqual([of('a'), of('b')], ['10.0.0.1:7000', '10.0.0.2:7001']);
  });

  const PORTS: readonly [node: Fields, tls: boolean, port: number][] = [
    [{ port: 7000, 'tls-port': 7100 }, true, 7100],
    [{ port: 7000, 'tls-port': 7100 }, false, 7000],
    [{ 'tls-port': 7100 }, false, 7100],
    [{ port: 7000 }, true, 7000]
  ];
  for (const [node, tls, port] of PORTS) {
    it(`has the port ${port} ${tls ? 'with' : 'without'} TLS of ${JSON.stringify(node)}`, async () => {
      const { of } = await learn({ SHARDS: [shard({ id: 'a', endpoint: 'h', ...node })] }, { tls });
      assert.equal(of('a'), `h:${port}`);
    });
  }

  for (const endpoint of ['?', '', null, undefined]) {
    it(`takes the address where the endpoint is ${JSON.stringify(endpoint)}`, async () => {
      const { of } = await learn({ SHARDS: [shard({ id: 'a', port: 7000, ip: '10.0.0.9', endpoint })] });
      assert.equal(of('a'), '10.0.0.9:7000');
    });
  }

  it('takes the host by which a node was reached that does not know its own', async () => {
    const from = view('a :7000@17000 myself,master - 0 0 1 connected 0-9');
    const { of } = await learn({ SHARDS: [shard({ id: 'a', port: 7000, ip: '', endpoint: '' })] }, { from });
    assert.equal(of('a'), 'asked:7000');
  });

  it('knows IPv6 addresses', async () => {
    const from = view('a ::1:7000@17000 myself,master - 0 0 1 connected 0-9');
    assert.equal((await learn({}, { from })).of('a'), '::1:7000');
    const { of } = await learn({ SHARDS: [shard({ id: 'a', port: 7000, ip: '::1', endpoint: '::1' })] }, { from });
    assert.equal(of('a'), '::1:7000');
  });

  it('asks again only when a node is new or has another address', async () => {
    const { endpoints, ask, asked } = await learn({ SHARDS });
    await endpoints.learn([view(A, B)], ask, 'asked');
    await endpoints.learn([view(A)], ask, 'asked');
    assert.equal(asked.length, 1);
    await endpoints.learn([view(A, B.replace('10.0.0.2', '10.0.0.3'))], ask, 'asked');
    await endpoints.learn([view(A, B, 'c 10.0.0.4:7002@17002 master - 0 0 0 connected')], ask, 'asked');
    assert.equal(asked.length, 3);
  });

  it('takes the address of a node that it has not learnt', () => {
    const { host, port } = new ClusterEndpoints(false).of(view(A).nodes.get('a')!);
    assert.deepEqual([host, port], ['10.0.0.1', 7000]);
  });
});
