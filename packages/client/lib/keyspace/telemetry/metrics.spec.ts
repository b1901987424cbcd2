import assert from 'node:assert/strict';
import { DataPointType } from '@opentelemetry/sdk-metrics';
import { MetricsReader } from '../../../test/metrics-reader';
import { METRIC_NAMES, observeClients } from './metrics';
import { makeCounts } from '../delivery/tally';
import type { KeyspaceGap } from '../delivery/gap';
import type { KeyspaceNodeStatus, KeyspaceStatus } from '../nodes/status';
import type { ObservedClient } from './observed-clients';

function nodeStatus(node: string, more: Partial<KeyspaceNodeStatus> = {}): KeyspaceNodeStatus {
  return {
    node,
    role: 'primary',
    state: 'ready',
    slots: 1,
    connectedAt: new Date(),
    ...makeCounts(),
    heardUntil: new Date(),
    fenceRoundTrip: undefined,
    openGaps: 0,
    error: undefined,
    ...more
  };
}

/** A client whose figures the test sets, and what a reader of the SDK makes of them. */
function make() {
  const reader = new MetricsReader();
  const meter = reader.provider.getMeter('test');
  const counts = new Map([['h:1', makeCounts()]]);
  let status: KeyspaceStatus = {
    nodes: [],
    subscriptions: 0,
    delivered: 0,
    dropped: 0,
    hidden: 0,
    ignored: 0,
    gaps: { open: [], total: 0, recovered: 0 }
  };
  const client: ObservedClient = { clientId: 'c-1', status: () => status, counts: () => counts };
  const clients = new Set([client]);
  const end = observeClients(meter, clients);
  /** Value by its own attributes, those that all have left out. */
  const read = async (name: string) => {
    const points = await reader.points(name);
    return points.map(({ attributes, value }) => {
      const { 'db.system.name': system, 'db.client.connection.pool.name': id, ...own } = attributes;
      assert.deepEqual([system, id], ['redis', 'c-1']);
      return [Object.values(own).join(':'), value];
    });
  };
  const become = (next: Partial<KeyspaceStatus>) => (status = { ...status, ...next });
  return { counts, clients, reader, read, become, end };
}

const gap: KeyspaceGap = {
  reason: 'disconnected',
  node: 'h:9',
  slots: [],
  since: new Date(),
  until: undefined,
  dropped: undefined
};

describe('metrics', () => {
  it('count per node what became of its messages, also when it is not there any more', async () => {
    const { counts, read } = make();
    Object.assign(counts.get('h:1')!, { received: 7, delivered: 5, hidden: 1, dropped: 2 });
    counts.set('::1:7000', { ...makeCounts(), received: 1 });
    assert.deepEqual(await read(METRIC_NAMES.received), [
      ['h:1', 7],
      ['::1:7000', 1]
    ]);
    for (const [name, value] of [
      [METRIC_NAMES.delivered, 5],
      [METRIC_NAMES.hidden, 1],
      [METRIC_NAMES.dropped, 2]
    ] as const) {
      assert.deepEqual((await read(name))[0], ['h:1', value]);
    }
  });

  it('count gaps and recoveries, and name the nodes of those that are open', async () => {
    const { read, become } = make();
    become({ nodes: [nodeStatus('h:1')], gaps: { open: [gap, gap], total: 5, recovered: 3 }, subscriptions: 2 });
    assert.deepEqual(await read(METRIC_NAMES.gaps), [['', 5]]);
    assert.deepEqual(await read(METRIC_NAMES.recoveries), [['', 3]]);
    assert.deepEqual(await read(METRIC_NAMES.subscriptions), [['', 2]]);
    assert.deepEqual(await read(METRIC_NAMES.openGaps), [
      ['h:1', 0],
      ['h:9', 2]
    ]);
  });

  it('tell the last round trip in seconds, once there is one', async () => {
    const { read, become } = make();
    become({ nodes: [nodeStatus('h:1', { fenceRoundTrip: 250 }), nodeStatus('h:2')] });
    assert.deepEqual(await read(METRIC_NAMES.fenceRoundTrip), [['h:1', 0.25]]);
  });

  it('count the nodes of each state and role, and those of which there are none', async () => {
    const { read, become } = make();
    become({
      nodes: [nodeStatus('h:1'), nodeStatus('h:2'), nodeStatus('h:3', { state: 'waiting', role: 'replica' })]
    });
    const nodes = new Map((await read(METRIC_NAMES.nodes)) as [string, number][]);
    assert.deepEqual([nodes.get('ready:primary'), nodes.get('waiting:replica'), nodes.get('ready:replica')], [2, 1, 0]);
    assert.equal(nodes.size, 8);
  });

  it('have names and units, and are of the kind that fits', async () => {
    const { reader, become } = make();
    become({ nodes: [nodeStatus('h:1', { fenceRoundTrip: 1 })] });
    const metrics = await reader.metrics();
    assert.deepEqual(metrics.map(({ descriptor }) => descriptor.name).sort(), Object.values(METRIC_NAMES).sort());
    for (const { descriptor, dataPointType } of metrics) {
      assert.match(descriptor.name, /^redis\.client\.keyspace\.[a-z_.]+$/);
      assert.ok(descriptor.unit && descriptor.description);
      assert.equal(
        dataPointType,
        /open|nodes|subscr|fence/.test(descriptor.name) ? DataPointType.GAUGE : DataPointType.SUM
      );
    }
  });

  it('tell of a node that is gone no more than its counts', async () => {
    const { read, become } = make();
    become({
      nodes: [nodeStatus('h:1', { fenceRoundTrip: 1_000 })],
      gaps: { open: [{ ...gap, node: 'h:1' }], total: 1, recovered: 0 }
    });
    assert.deepEqual(
      [await read(METRIC_NAMES.fenceRoundTrip), await read(METRIC_NAMES.openGaps)],
      [[['h:1', 1]], [['h:1', 1]]]
    );
    become({ nodes: [], gaps: { open: [], total: 1, recovered: 1 } });
    assert.deepEqual(
      [await read(METRIC_NAMES.fenceRoundTrip), await read(METRIC_NAMES.openGaps)],
      [[['h:1', 0]], [['h:1', 0]]]
    );
  });

  it('observe a client that is closed once more, and nothing after the end', async () => {
    const { read, become, counts, clients, end } = make();
    const [client] = clients;
    become({ subscriptions: 1 });
    assert.deepEqual(await read(METRIC_NAMES.subscriptions), [['', 1]]);
    clients.clear();
    become({ subscriptions: 0 });
    counts.get('h:1')!.received = 3;
    assert.deepEqual(await read(METRIC_NAMES.subscriptions), [['', 0]]);
    counts.get('h:1')!.received = 4;
    assert.deepEqual(await read(METRIC_NAMES.received), [['h:1', 3]]);
    clients.add(client);
    assert.deepEqual(await read(METRIC_NAMES.received), [['h:1', 4]]);
    end();
    counts.get('h:1')!.received = 5;
    assert.deepEqual(await read(METRIC_NAMES.received), [['h:1', 4]]);
  });
});
