import type {
  CacheCluster,
  CacheEngineVersion,
  ElastiCache,
  Parameter,
  ReplicationGroup,
  ServerlessCache
} from '@aws-sdk/client-elasticache';
import { InterruptedError } from '../errors';
import { unlessAborted } from '../unless-aborted';
import { ElastiCacheError, type ElastiCacheErrorCode } from './errors';
import { explain } from './explain';
import type { ParameterGroup } from './parameter-group';
import { loadSdk, type Sdk } from './sdk';
import type { ServiceCall, Where } from './service-call';

export interface ServiceOptions extends Where {
  /** Breaks off what is being read. A change that has been sent is waited for, so that its outcome is known. */
  readonly abortSignal?: AbortSignal;
}

interface Page {
  readonly Marker?: string;
}

/** ElastiCache as we use it: whole lists, `undefined` for what is not there, and errors that say what to do. */
export class Service {
  readonly #aws: ElastiCache;
  readonly #signal: AbortSignal;

  constructor(
    { ElastiCache }: Sdk,
    { endpointUrl, abortSignal = new AbortController().signal, ...options }: ServiceOptions = {}
  ) {
    this.#aws = new ElastiCache({ endpoint: endpointUrl, ...options });
    this.#signal = abortSignal;
  }

  /** @throws {ElastiCacheError} when the SDK is not installed */
  static async open(options: ServiceOptions = {}): Promise<Service> {
    return new Service(await loadSdk(), options);
  }

  /** The region that it talks to. */
  region(): Promise<string> {
    return this.#read('DescribeReplicationGroups', () => this.#aws.config.region());
  }

  /** Every node of the account in this region, members of replication groups included. */
  async cacheClusters(): Promise<CacheCluster[]> {
    const pages = this.#pages('DescribeCacheClusters', Marker =>
      this.#aws.describeCacheClusters({ ShowCacheNodeInfo: true, Marker })
    );
    return (await pages).flatMap(({ CacheClusters = [] }) => CacheClusters);
  }

  async replicationGroups(): Promise<ReplicationGroup[]> {
    const pages = this.#pages('DescribeReplicationGroups', Marker => this.#aws.describeReplicationGroups({ Marker }));
    return (await pages).flatMap(({ ReplicationGroups = [] }) => ReplicationGroups);
  }

  async replicationGroup(id: string): Promise<ReplicationGroup | undefined> {
    const answer = await unless('ELASTICACHE_NOT_FOUND', () =>
      this.#read('DescribeReplicationGroups', () => this.#aws.describeReplicationGroups({ ReplicationGroupId: id }))
    );
    return answer?.ReplicationGroups?.[0];
  }

  async serverlessCaches(): Promise<ServerlessCache[]> {
    const caches: ServerlessCache[] = [];
    let token: string | undefined;
    do {
      const page = await this.#read('DescribeServerlessCaches', () =>
        this.#aws.describeServerlessCaches({ NextToken: token })
      );
      caches.push(...(page.ServerlessCaches ?? []));
      token = page.NextToken;
    } while (token);
    return caches;
  }

  async parameterGroup(name: string): Promise<ParameterGroup | undefined> {
    const answer = await unless('ELASTICACHE_NOT_FOUND', () =>
      this.#read('DescribeCacheParameterGroups', () =>
        this.#aws.describeCacheParameterGroups({ CacheParameterGroupName: name })
      )
    );
    const [group] = answer?.CacheParameterGroups ?? [];
    if (group === undefined) return undefined;
    const pages = await this.#pages('DescribeCacheParameters', Marker =>
      this.#aws.describeCacheParameters({ CacheParameterGroupName: name, Marker })
    );
    const parameters = pages.flatMap(({ Parameters = [] }) => Parameters);
    return { name, family: group.CacheParameterGroupFamily ?? '', parameters };
  }

  /** What a new parameter group of the family begins with. */
  async familyDefaults(family: string): Promise<Parameter[]> {
    const pages = await this.#pages('DescribeEngineDefaultParameters', async Marker => {
      const { EngineDefaults = {} } = await this.#aws.describeEngineDefaultParameters({
        CacheParameterGroupFamily: family,
        Marker
      });
      return EngineDefaults;
    });
    return pages.flatMap(({ Parameters = [] }) => Parameters);
  }

  /** The versions of an engine that can be had; of which, with `defaultOnly`, what one gets without asking for any. */
  async engineVersions(engine: string, { defaultOnly = false } = {}): Promise<CacheEngineVersion[]> {
    const pages = this.#pages('DescribeCacheEngineVersions', Marker =>
      this.#aws.describeCacheEngineVersions({ Engine: engine, DefaultOnly: defaultOnly, Marker })
    );
    return (await pages).flatMap(({ CacheEngineVersions = [] }) => CacheEngineVersions);
  }

  /** Makes a call that changes something. */
  async make(call: ServiceCall): Promise<void> {
    await ask<unknown>(call.operation, () => {
      switch (call.operation) {
        case 'CreateCacheParameterGroup':
          return this.#aws.createCacheParameterGroup(call.input);
        case 'ModifyCacheParameterGroup':
          return this.#aws.modifyCacheParameterGroup(call.input);
        case 'DeleteCacheParameterGroup':
          return this.#aws.deleteCacheParameterGroup(call.input);
        case 'ModifyCacheCluster':
          return this.#aws.modifyCacheCluster(call.input);
        case 'ModifyReplicationGroup':
          return this.#aws.modifyReplicationGroup(call.input);
        case 'CreateReplicationGroup':
          return this.#aws.createReplicationGroup(call.input);
      }
    });
  }

  /** Whoever asked for it to be broken off wants no more changes either. */
  throwIfAborted(): void {
    if (this.#signal.aborted) throw new InterruptedError();
  }

  close(): void {
    this.#aws.destroy();
  }

  #read<T>(operation: string, send: () => Promise<T>): Promise<T> {
    return unlessAborted(this.#signal, () => ask(operation, send));
  }

  async #pages<P extends Page>(operation: string, read: (marker?: string) => Promise<P>): Promise<P[]> {
    const pages: P[] = [];
    let marker: string | undefined;
    do {
      const page = await this.#read(operation, () => read(marker));
      pages.push(page);
      marker = page.Marker || undefined;
    } while (marker !== undefined);
    return pages;
  }
}

/** Resolves with `undefined` instead of an error of that code. */
export async function unless<T>(code: ElastiCacheErrorCode, body: () => Promise<T>): Promise<T | undefined> {
  try {
    return await body();
  } catch (error) {
    if (error instanceof ElastiCacheError && error.code === code) return undefined;
    throw error;
  }
}

async function ask<T>(operation: string, send: () => Promise<T>): Promise<T> {
  try {
    return await send();
  } catch (error) {
    throw explain(operation, error);
  }
}
