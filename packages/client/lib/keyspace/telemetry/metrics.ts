import { NODE_STATES } from '../nodes/node-state';
import type { KeyspaceNodeStatus, KeyspaceStatus } from '../nodes/status';
import type { ObservedClient } from './observed-clients';

/** What is observed at each collection. A part of the interface of the same name of `@opentelemetry/api`. */
export interface KeyspaceObservableResult {
  /** One figure with its attributes. */
  observe(instrument: object, value: number, attributes?: Record<string, string>): void;
}

/** What is used of a `Meter` of `@opentelemetry/api`. */
export interface KeyspaceMeter {
  /** For figures that only grow. */
  createObservableCounter(name: string, options?: { unit?: string; description?: string }): object;
  /** For figures of the moment. */
  createObservableGauge(name: string, options?: { unit?: string; description?: string }): object;
  /** Called at each collection. */
  addBatchObservableCallback(callback: (result: KeyspaceObservableResult) => void, instruments: object[]): void;
  /** Undoes `addBatchObservableCallback`. */
  removeBatchObservableCallback(callback: (result: KeyspaceObservableResult) => void, instruments: object[]): void;
}

/** The names of our metrics, in the manner of node-redis' own. */
export const METRIC_NAMES = {
  received: 'redis.client.keyspace.received',
  delivered: 'redis.client.keyspace.delivered',
  hidden: 'redis.client.keyspace.hidden',
  dropped: 'redis.client.keyspace.dropped',
  ignored: 'redis.client.keyspace.ignored',
  gaps: 'redis.client.keyspace.gaps',
  recoveries: 'redis.client.keyspace.recoveries',
  openGaps: 'redis.client.keyspace.open_gaps',
  nodes: 'redis.client.keyspace.nodes',
  subscriptions: 'redis.client.keyspace.subscriptions',
  fenceRoundTrip: 'redis.client.keyspace.fence.round_trip'
} as const;

type Figure = keyof typeof METRIC_NAMES;

const COUNTED = ['received', 'delivered', 'hidden', 'dropped'] as const;

const COUNTERS: readonly (readonly [figure: Figure, unit: string, description: string])[] = [
  ['received', '{message}', 'Messages that a node sent'],
  ['delivered', '{notification}', 'Notifications handed to subscriptions'],
  ['hidden', '{message}', 'Messages that a node was not to be believed for'],
  ['dropped', '{notification}', 'Notifications given up by full queues'],
  ['ignored', '{message}', 'Messages that were no notification, or for nobody'],
  ['gaps', '{gap}', 'Gaps that were opened'],
  ['recoveries', '{gap}', 'Gaps that were told as recovered']
];

const GAUGES: readonly (readonly [figure: Figure, unit: string, description: string])[] = [
  ['openGaps', '{gap}', 'Gaps that are open'],
  ['nodes', '{node}', 'Nodes that are to be connected, by state and role'],
  ['subscriptions', '{subscription}', 'Subscriptions that stand'],
  ['fenceRoundTrip', 's', 'What the last PING that was answered took']
];

/** Those in which a node is ever listed. */
const LISTED_STATES = NODE_STATES.filter(state => state !== 'closed');
const ROLES = ['primary', 'replica'] as const;

/** Makes the instruments and fills them at each collection. @returns what ends that. */
export function observeClients(meter: KeyspaceMeter, clients: Iterable<ObservedClient>): () => void {
  const instruments = new Map<Figure, object>();
  for (const [figure, unit, description] of COUNTERS) {
    instruments.set(figure, meter.createObservableCounter(METRIC_NAMES[figure], { unit, description }));
  }
  for (const [figure, unit, description] of GAUGES) {
    instruments.set(figure, meter.createObservableGauge(METRIC_NAMES[figure], { unit, description }));
  }
  // One that is closed is observed once more: a reader may go on telling the last that it was told.
  let before: readonly ObservedClient[] = [];
  const callback = (result: KeyspaceObservableResult) => {
    const present = [...clients];
    const observed = new Set([...before, ...present]);
    before = present;
    for (const client of observed) {
      observe(client, (figure, value, attributes) => {
        result.observe(instruments.get(figure)!, value, {
          'db.system.name': 'redis',
          'db.client.connection.pool.name': client.clientId,
          ...attributes
        });
      });
    }
  };
  const all = [...instruments.values()];
  meter.addBatchObservableCallback(callback, all);
  return () => meter.removeBatchObservableCallback(callback, all);
}

type Tell = (figure: Figure, value: number, attributes?: Record<string, string>) => void;

function observe(client: ObservedClient, tell: Tell): void {
  const known = client.counts();
  for (const [address, counts] of known) {
    for (const figure of COUNTED) tell(figure, counts[figure], serverOf(address));
  }
  const status = client.status();
  const { nodes, gaps, ignored, subscriptions } = status;
  tell('ignored', ignored);
  tell('gaps', gaps.total);
  tell('recoveries', gaps.recovered);
  tell('subscriptions', subscriptions);
  observeNodes([...known.keys()], status, tell);
  observeStates(nodes, tell);
}

/** A node that is gone has no open gap and a round trip of 0, or it would keep the last figures for ever. */
function observeNodes(known: readonly string[], { nodes, gaps }: KeyspaceStatus, tell: Tell): void {
  const open = new Map(known.map(address => [address, 0]));
  const roundTrips = new Map<string, number | undefined>(open);
  for (const { node, fenceRoundTrip } of nodes) {
    open.set(node, 0);
    roundTrips.set(node, fenceRoundTrip);
  }
  for (const { node } of gaps.open) open.set(node, (open.get(node) ?? 0) + 1);
  for (const [address, count] of open) tell('openGaps', count, serverOf(address));
  for (const [address, roundTrip] of roundTrips) {
    if (roundTrip !== undefined) tell('fenceRoundTrip', roundTrip / 1_000, serverOf(address));
  }
}

/** Those of which there are none are told as 0: what is not told looks like what is not known. */
function observeStates(nodes: readonly KeyspaceNodeStatus[], tell: Tell): void {
  for (const state of LISTED_STATES) {
    for (const role of ROLES) {
      const count = nodes.filter(node => node.state === state && node.role === role).length;
      tell('nodes', count, { 'redis.client.keyspace.node.state': state, 'redis.client.keyspace.node.role': role });
    }
  }
}

function serverOf(address: string): Record<string, string> {
  const colon = address.lastIndexOf(':');
  return { 'server.address': address.slice(0, colon), 'server.port': address.slice(colon + 1) };
}
