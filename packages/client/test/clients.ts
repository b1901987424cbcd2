import { createClient, createClientPool, createCluster, createSentinel } from '@redis/client';
import type { RedisServer, TestCluster, TestSentinel } from '@redis-keyspace/test-utils';
import { withKeyspace, type KeyspaceOptions } from '../index';
import { ErrorLog } from './error-log';
import { perTest, type Resources } from './resources';

type ClusterOptions = NonNullable<Parameters<typeof createCluster>[0]>;
type ClientOptions = NonNullable<Parameters<typeof createClient>[0]>;
type SentinelOptions = NonNullable<Parameters<typeof createSentinel>[0]>;

interface Common {
  readonly keyspace?: KeyspaceOptions;
  /** Which errors the test brings about: any other one that the client emits fails it. */
  readonly expects?: RegExp;
}

interface Endable extends NodeJS.EventEmitter {
  readonly isOpen: boolean;
  destroy(): unknown;
}

/** Connected clients with the keyspace API; each ends with its test and fails it by an unexpected `error`. */
export class Clients {
  readonly resources: Resources = perTest();

  async cluster(
    cluster: Pick<TestCluster, 'rootNodes'>,
    { keyspace, expects, ...options }: Partial<ClusterOptions> & Common = {}
  ) {
    const client = withKeyspace(createCluster({ rootNodes: cluster.rootNodes, ...options }), keyspace);
    this.#watch(client, expects);
    await client.connect();
    return client;
  }

  async client(server: Pick<RedisServer, 'url'>, { keyspace, expects, ...options }: ClientOptions & Common = {}) {
    const client = withKeyspace(createClient({ url: server.url, ...options }), keyspace);
    this.#watch(client, expects);
    await client.connect();
    return client;
  }

  async pool(server: RedisServer, { keyspace, expects, ...options }: ClientOptions & Common = {}) {
    const pool = withKeyspace(createClientPool({ url: server.url, ...options }), keyspace);
    this.#watch(pool, expects);
    await pool.connect();
    return pool;
  }

  async sentinel(sentinel: TestSentinel, { keyspace, expects, ...options }: Partial<SentinelOptions> & Common = {}) {
    const { name, sentinelRootNodes } = sentinel;
    const client = withKeyspace(createSentinel({ name, sentinelRootNodes, ...options }), keyspace);
    this.#watch(client, expects);
    await client.connect();
    return client;
  }

  #watch(client: Endable, expects: RegExp | undefined): void {
    const log = new ErrorLog(client, expects);
    this.resources.add(log, () => log.assertExpected());
    this.resources.add(client, () => client.isOpen && client.destroy());
  }
}
