import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { matrix, slotOf, waitFor, type ClusterNode } from '@redis-keyspace/test-utils';
import { KEYSPACE_CHANNELS, KeyspaceTelemetry, type KeyspaceEvents, type KeyspaceNotifications } from '../index';
import { ClusterSuite } from './cluster-suite';
import { NETWORK_ERRORS } from './error-log';
import { MetricsReader } from './metrics-reader';
import { Recorder } from './recorder';

type EventName = keyof KeyspaceEvents;
type Told<E extends EventName = EventName> = readonly [event: E, told: KeyspaceEvents[E][0]];

const CHANNEL_OF: Readonly<Record<EventName, string>> = {
  gap: KEYSPACE_CHANNELS.GAP,
  recovered: KEYSPACE_CHANNELS.RECOVERED,
  'topology-change': KEYSPACE_CHANNELS.TOPOLOGY_CHANGE,
  'node-ready': KEYSPACE_CHANNELS.NODE_READY,
  'node-lost': KEYSPACE_CHANNELS.NODE_LOST,
  warning: KEYSPACE_CHANNELS.WARNING
};
const EVENTS = Object.keys(CHANNEL_OF) as EventName[];

matrix('what can be seen', server => {
  const suite = new ClusterSuite(server, { replicas: 1 });
  const keyspace = { topologyRefreshInterval: 200, heartbeatInterval: 100 };
  const closing: (() => void)[] = [];
  afterEach(() => closing.splice(0).forEach(close => close()));

  /** All that a client tells, by its events and by the channels. */
  const watch = (told: KeyspaceNotifications) => {
    const events: Told[] = [];
    const published: Told[] = [];
    const ids = new Set<unknown>();
    for (const event of EVENTS) {
      told.on(event, (one: KeyspaceEvents[EventName][0]) => events.push([event, one]));
      const onMessage = (message: unknown) => {
        const { clientId, ...rest } = message as { clientId: string };
        ids.add(clientId);
        published.push([event, rest as never]);
      };
      subscribe(CHANNEL_OF[event], onMessage);
      closing.push(() => unsubscribe(CHANNEL_OF[event], onMessage));
    }
    const of = <E extends EventName>(...names: E[]) =>
      events.filter(([event]) => names.includes(event as E)) as Told<E>[];
    const assertPublished = () => {
      assert.deepEqual(published, events);
      assert.equal(ids.size, 1);
      assert.match(String([...ids][0]), /^cluster-/);
    };
    return { of, assertPublished, clear: () => void (events.length = published.length = 0) };
  };

  const connect = async (pattern: string) => {
    const metrics = new MetricsReader();
    KeyspaceTelemetry.init({ metrics: { enabled: true, meterProvider: metrics.provider } });
    closing.push(() => KeyspaceTelemetry.reset());
    const client = await suite.connect({ keyspace, expects: NETWORK_ERRORS });
    const told = watch(client.keyspace);
    const recorder = new Recorder();
    const subscription = recorder.follow(await client.subscribeKeyspace(pattern, recorder.listen));
    await waitFor('the replicas to be connected', () => told.of('node-ready').length === 6);
    const statusOf = ({ address }: ClusterNode) => client.keyspace.status().nodes.find(({ node }) => node === address)!;
    return { client, told, recorder, subscription, metrics, statusOf };
  };

  it('tells every node, and counts what each says and every PING', async () => {
    const { client, told, recorder, subscription, metrics, statusOf } = await connect('seen:*');
    const [first] = told.of('topology-change');
    assert.deepEqual([first[1].joined.length, first[1].primaries.length, first[1].replicas.length], [6, 3, 3]);
    assert.deepEqual(
      first[1].gained.map(({ node }) => node).sort(),
      [suite.a, suite.b, suite.c].map(({ address }) => address).sort()
    );
    assert.deepEqual(
      told
        .of('node-ready')
        .map(([, { role, reason }]) => `${role} ${reason}`)
        .sort(),
      [...Array<string>(3).fill('primary connected'), ...Array<string>(3).fill('replica connected')]
    );
    const keys = await suite.cluster.keysFor(suite.a, 10, 'seen:');
    const published: unknown[] = [];
    const onMessage = (message: unknown) => published.push(message);
    await client.set(keys[0], 'value');
    await subscription.fence();
    subscribe(KEYSPACE_CHANNELS.NOTIFICATION, onMessage);
    closing.push(() => unsubscribe(KEYSPACE_CHANNELS.NOTIFICATION, onMessage));
    for (const key of keys.slice(1)) await client.set(key, 'value');
    await subscription.fence();
    recorder.assertOnceEach(keys, 'set');
    assert.deepEqual(
      published.map(message => ({ ...(message as object), clientId: undefined })),
      recorder.heard.slice(1).map(notification => ({ ...notification, clientId: undefined }))
    );

    const { nodes, delivered, gaps } = client.keyspace.status();
    assert.deepEqual(
      nodes.map(({ role, state }) => `${role} ${state}`),
      [...Array<string>(3).fill('primary ready'), ...Array<string>(3).fill('replica ready')]
    );
    const { received, slots, fenceRoundTrip, connectedAt, ...seen } = statusOf(suite.a);
    assert.deepEqual([received, seen.delivered, seen.hidden, seen.dropped, seen.openGaps], [10, 10, 0, 0, 0]);
    assert.equal(slots, (await suite.cluster.slotsOf(suite.a)).length);
    assert.ok(fenceRoundTrip! > 0 && fenceRoundTrip! < 5_000 && connectedAt! <= new Date());
    assert.deepEqual([delivered, gaps], [10, { open: [], total: 0, recovered: 0 }]);

    assert.equal((await metrics.read('redis.client.keyspace.received'))[suite.a.address], 10);
    assert.equal((await metrics.read('redis.client.keyspace.delivered'))[suite.a.address], 10);
    const states = await metrics.read('redis.client.keyspace.nodes');
    assert.deepEqual([states['ready:primary'], states['ready:replica'], states['waiting:primary']], [3, 3, 0]);
    assert.ok((await metrics.read('redis.client.keyspace.fence.round_trip'))[suite.a.address] > 0);
    told.assertPublished();
  });

  it('tells a gap and its recovery in events, channels, status and metrics alike', async () => {
    const { client, told, recorder, metrics, statusOf } = await connect('cut:*');
    told.clear();
    await suite.cluster.cutClients(suite.b);
    await waitFor('the recovery', () => recorder.recovered.length === 1 && told.of('node-ready').length === 1);
    const { address: node } = suite.b;
    assert.deepEqual(
      told.of('gap', 'recovered', 'node-lost', 'node-ready').map(([event, one]) => [event, one.node, one.reason]),
      [
        ['gap', node, 'disconnected'],
        ['node-lost', node, 'disconnected'],
        ['recovered', node, 'disconnected'],
        ['node-ready', node, 'reconnected']
      ]
    );
    assert.ok(told.of('node-lost')[0][1].error instanceof Error);
    assert.deepEqual(client.keyspace.status().gaps, { open: [], total: 1, recovered: 1 });
    assert.deepEqual([statusOf(suite.b).openGaps, statusOf(suite.b).error], [0, undefined]);
    assert.deepEqual(Object.values(await metrics.read('redis.client.keyspace.gaps')), [1]);
    assert.deepEqual(Object.values(await metrics.read('redis.client.keyspace.recoveries')), [1]);
    assert.equal((await metrics.read('redis.client.keyspace.open_gaps'))[node], 0);
    told.assertPublished();
  });

  it('tells who gained and who lost a slot that moves, and counts what the move hid at either end', async () => {
    const { client, told, recorder, subscription, metrics, statusOf } = await connect('moved:*');
    told.clear();
    const key = await suite.cluster.keyFor(suite.a, 'moved:');
    await client.set(key, 'value');
    await suite.cluster.moveSlots(suite.a, suite.b, [slotOf(key)]);
    const slots = [[slotOf(key), slotOf(key)]];
    const changes = () => told.of('topology-change').map(([, change]) => change);
    await waitFor('the change', () => changes().some(({ gained }) => gained.length));
    await subscription.fence();
    assert.deepEqual(
      changes().flatMap(({ gained }) => gained),
      [{ node: suite.b.address, slots }]
    );
    assert.deepEqual(
      changes().flatMap(({ lost }) => lost),
      [{ node: suite.a.address, slots }]
    );
    assert.deepEqual(
      changes().flatMap(({ joined, left, promoted, demoted }) => [joined, left, promoted, demoted].flat()),
      []
    );
    recorder.assertOnceEach([key]);
    assert.deepEqual([statusOf(suite.a).hidden, statusOf(suite.b).hidden], [1, 1]);
    assert.deepEqual([statusOf(suite.a).delivered, statusOf(suite.b).delivered], [1, 0]);
    const hidden = await metrics.read('redis.client.keyspace.hidden');
    assert.deepEqual([hidden[suite.a.address], hidden[suite.b.address]], [1, 1]);
    assert.deepEqual(told.of('gap', 'node-lost', 'node-ready'), []);
    told.assertPublished();
  });

  it('tells who is promoted and who is demoted by a failover, and that both are heard and connected again', async () => {
    const { client, told, metrics } = await connect('failed:*');
    told.clear();
    const [replica] = await suite.cluster.replicas(suite.c);
    await suite.cluster.failover(replica);
    const [promoted, demoted] = [replica.address, suite.c.address];
    const rolesOf = (state: string) =>
      new Map(client.keyspace.status().nodes.flatMap(one => (one.state === state ? [[one.node, one.role]] : [])));
    await waitFor('the roles to have changed', () => {
      const roles = rolesOf('ready');
      return roles.size === 6 && roles.get(promoted) === 'primary' && roles.get(demoted) === 'replica';
    });
    const changes = told.of('topology-change').map(([, change]) => change);
    assert.deepEqual(
      changes.flatMap(({ joined, left }) => [...joined, ...left]),
      []
    );
    assert.deepEqual(
      [changes.flatMap(({ gained }) => gained), changes.flatMap(({ lost }) => lost)].map(([{ node }]) => node),
      [promoted, demoted]
    );
    assert.equal(changes.flatMap(change => change.promoted)[0], promoted);
    // On Redis 7.0 the others call it a primary and a replica in turn for a moment.
    assert.ok(changes.flatMap(change => change.demoted).every(node => node === demoted));
    assert.ok(changes.some(change => change.demoted.length));
    const [, lost] = told.of('node-lost')[0];
    assert.deepEqual([lost.node, lost.role, lost.reason, lost.error], [demoted, 'primary', 'demoted', undefined]);
    const ready = told.of('node-ready').map(([, { node, role, reason }]) => `${node} ${role} ${reason}`);
    assert.ok(ready.includes(`${promoted} primary promoted`) && ready.includes(`${demoted} replica connected`));
    const states = await metrics.read('redis.client.keyspace.nodes');
    assert.deepEqual([states['ready:primary'], states['ready:replica']], [3, 3]);
    told.assertPublished();
    await suite.cluster.waitUntilStable();
  });
});
