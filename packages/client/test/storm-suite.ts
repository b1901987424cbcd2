import assert from 'node:assert/strict';
import {
  Storm,
  createStormClient,
  openApproach,
  scenariosFor,
  startCluster,
  type ClusterOptions,
  type Scenario,
  type ScenarioName,
  type ServerBinary,
  type StormListener,
  type StormResult,
  type TestCluster
} from '@redis-keyspace/test-utils';
import type { KeyNotification, KeyspaceApi, KeyspaceListener, KeyspaceOptions, KeyspaceSubscription } from '../index';
import { Clients } from './clients';
import { NETWORK_ERRORS } from './error-log';
import { perSuite, perTest } from './resources';

/** What the client may tell of nodes that die, hang, or forbid something. */
const EXPECTED = new RegExp(`${NETWORK_ERRORS.source}|NOPERM|MOVED`, 'i');

/** How a storm is heard. */
export interface StormOptions {
  readonly keyspace?: KeyspaceOptions;
  /** Only these. The others are played by `npm run soak`, which has the time. @default all */
  readonly only?: readonly ScenarioName[];
}

/** The scenarios of a kind, each a test: `judge` says what is wrong with each result. */
export function storms(
  server: ServerBinary,
  kind: Scenario['kind'],
  judge: (result: StormResult) => void,
  { keyspace, only }: StormOptions = {}
): void {
  const clients = new Clients();
  const resources = perTest();
  const clusters = new Clusters(server);
  for (const scenario of scenariosFor(server, kind)) {
    if (only && !only.includes(scenario.name)) continue;
    it(`${scenario.name}: ${scenario.steps.map(({ name }) => name).join(', ')}`, async () => {
      const cluster = await clusters.get(scenario.cluster);
      const writer = resources.add(createStormClient(cluster), client => client.isOpen && client.destroy());
      await writer.connect();
      await Promise.all((await cluster.primaries()).map(node => node.command('FLUSHALL')));
      const { doors, options } = resources.add(await openApproach(cluster, scenario), approach => approach.close());
      const client = await clients.cluster(cluster, { keyspace, expects: EXPECTED, ...options });
      const storm = resources.add(await Storm.begin(cluster, writer, { doors }), begun => begun.close());
      for (const listener of listenersOf(client)) await storm.listen(listener);
      await storm.play(scenario.steps);
      for (const result of await storm.end()) {
        assert(result.verdict.summary.heard > 0, `${result.name} heard nothing`);
        judge(result);
      }
      clusters.keep();
    }).timeout(90_000);
  }
}

/** Scenarios leave a cluster as they found it: the next one of the same kind takes it over, unless a test failed. */
class Clusters {
  readonly #server: ServerBinary;
  readonly #resources = perSuite();
  #key = '';
  #cluster: TestCluster | undefined;
  #isClean = false;

  constructor(server: ServerBinary) {
    this.#server = server;
  }

  async get(options: ClusterOptions = {}): Promise<TestCluster> {
    const key = JSON.stringify(options);
    if (this.#cluster && !(this.#isClean && key === this.#key)) {
      await this.#cluster.stop();
      this.#cluster = undefined;
    }
    this.#key = key;
    this.#isClean = false;
    this.#cluster ??= this.#resources.add(await startCluster(this.#server, options), cluster => cluster.stop());
    return this.#cluster;
  }

  /** All went well: the data is of no use to anybody. */
  keep(): void {
    this.#isClean = true;
  }
}

/** One client, four subscriptions: whatever several of them say of one key, each of them says once. */
function listenersOf(client: KeyspaceApi): StormListener[] {
  let exact: ReadonlySet<string> = new Set();
  return [
    listener('a pattern', (listen, { prefix }) => client.subscribeKeyspace({ prefix }, listen)),
    listener('events', (listen, { prefix }) => client.subscribeKeyevent('*', listen, { keys: { prefix } })),
    {
      ...listener('exact keys', (listen, { counters }) => {
        exact = new Set(counters);
        return client.subscribeKeyspace(
          counters.map(key => ({ key })),
          listen
        );
      }),
      wants: (_event, key) => exact.has(key)
    },
    {
      ...listener('expired only', (listen, { prefix }) =>
        client.subscribeKeyevent('expired', listen, { keys: { prefix } })
      ),
      wants: event => event === 'expired'
    }
  ];
}

function listener(
  name: string,
  subscribe: (listen: KeyspaceListener, storm: Storm) => Promise<KeyspaceSubscription>
): StormListener {
  return {
    name,
    async open(hearing, storm) {
      const listen = ({ event, key, database, node }: KeyNotification) => hearing.heard(event, key, database, node);
      const subscription = await subscribe(listen, storm);
      subscription.on('gap', gap => hearing.gap(gap));
      subscription.on('recovered', gap => hearing.recovered(gap));
      return { fence: () => subscription.fence(), close: () => subscription.unsubscribe() };
    }
  };
}
