import {
  startCluster,
  startSentinel,
  startStandalone,
  type RedisServer,
  type ServerBinary,
  type TestCluster,
  type TestSentinel
} from '@redis-keyspace/test-utils';
import {
  createClient,
  createClientPool,
  createCluster,
  createSentinel,
  type KeyspaceApi,
  type KeyspaceOptions
} from '../index';

export const KINDS = ['client', 'pool', 'cluster', 'sentinel'] as const;
export type Kind = (typeof KINDS)[number];

/** What clients of every kind can do. */
export interface AnyClient extends KeyspaceApi, NodeJS.EventEmitter {
  readonly isOpen: boolean;
  connect(): Promise<unknown>;
  close(): Promise<unknown>;
  destroy(): unknown;
  get(key: string): Promise<unknown>;
  set(key: string, value: string): Promise<unknown>;
  withTypeMapping(mapping: object): AnyClient;
  withCommandOptions(options: object): AnyClient;
  /** Of every kind but a pool. */
  duplicate?(overrides?: object): AnyClient;
  /** Of a client and a cluster. */
  quit?(): Promise<unknown>;
  disconnect?(): Promise<unknown>;
}

export interface ClientOptions {
  readonly RESP?: 2 | 3;
  readonly keyPrefix?: string;
  readonly keyspace?: KeyspaceOptions;
  readonly modules?: object;
  readonly scripts?: object;
}

/** One standalone server, cluster and Sentinel set-up for the suite in whose body it is made; clients end with each test. */
export class Deployments {
  readonly #binary: ServerBinary;
  readonly #clients = new Set<AnyClient>();
  /** What a client or our warnings said that no test expects. */
  readonly #complaints: Error[] = [];
  #standalone: RedisServer | undefined;
  #cluster: TestCluster | undefined;
  #sentinel: TestSentinel | undefined;

  constructor(binary: ServerBinary, kinds: readonly Kind[] = KINDS) {
    this.#binary = binary;
    const complain = (complaint: Error) => void this.#complaints.push(complaint);
    before(() => this.#start(kinds));
    before(() => void process.on('warning', complain));
    after(() => void process.off('warning', complain));
    afterEach(() => this.#endClients());
    afterEach(() => this.#assertNoComplaints());
    after(() => Promise.all([this.#standalone?.stop(), this.#cluster?.stop(), this.#sentinel?.stop()]));
  }

  /** What each kind is told about where its servers are, as JSON can hold it. */
  optionsOf(kind: Kind): Record<string, unknown> {
    switch (kind) {
      case 'client':
      case 'pool':
        return { url: this.#standalone!.url };
      case 'cluster':
        return { rootNodes: this.#cluster!.rootNodes };
      case 'sentinel':
        return { name: this.#sentinel!.name, sentinelRootNodes: this.#sentinel!.sentinelRootNodes };
    }
  }

  /** The servers that hold the data. */
  serversOf(kind: Kind): readonly RedisServer[] {
    switch (kind) {
      case 'client':
      case 'pool':
        return [this.#standalone!];
      case 'cluster':
        return this.#cluster!.nodes;
      case 'sentinel':
        return this.#sentinel!.nodes;
    }
  }

  /** Keys, one on each of the servers of a cluster. */
  async keysOf(kind: Kind, prefix: string): Promise<string[]> {
    if (kind !== 'cluster') return [`${prefix}1`, `${prefix}2`];
    const keys = await Promise.all(this.#cluster!.nodes.map(node => this.#cluster!.keysFor(node, 1, prefix)));
    return keys.flat();
  }

  /** A client of `redis-keyspace` that is not connected yet. */
  make(kind: Kind, options: ClientOptions = {}): AnyClient {
    return this.adopt(makers[kind]({ ...this.optionsOf(kind), ...options }));
  }

  async connect(kind: Kind, options?: ClientOptions): Promise<AnyClient> {
    const client = this.make(kind, options);
    await client.connect();
    return client;
  }

  /** Ends it with the test, which fails when it emits an error. */
  adopt<T extends AnyClient>(client: T): T {
    client.on('error', (error: Error) => void this.#complaints.push(error));
    this.#clients.add(client);
    return client;
  }

  async #start(kinds: readonly Kind[]): Promise<void> {
    [this.#standalone, this.#cluster, this.#sentinel] = await Promise.all([
      kinds.includes('client') || kinds.includes('pool') ? startStandalone(this.#binary) : undefined,
      kinds.includes('cluster') ? startCluster(this.#binary) : undefined,
      kinds.includes('sentinel') ? startSentinel(this.#binary, { replicas: 0, sentinels: 1 }) : undefined
    ]);
  }

  async #endClients(): Promise<void> {
    for (const client of this.#clients) {
      if (client.isOpen) await client.destroy();
    }
    this.#clients.clear();
  }

  #assertNoComplaints(): void {
    const [first] = this.#complaints.splice(0);
    if (first) throw first;
  }
}

const makers = {
  client: options => createClient(options as object),
  pool: options => createClientPool(options as object, { minimum: 1 }),
  cluster: options => createCluster(options as never),
  sentinel: options => createSentinel(options as never)
} satisfies Record<Kind, (options: Record<string, unknown>) => AnyClient>;
