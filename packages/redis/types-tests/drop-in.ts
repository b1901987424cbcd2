/** A program that was written for `redis` compiles with `redis-keyspace`, and has the API. */
import * as redis from 'redis';
import {
  createClient,
  createClientPool,
  createCluster,
  createSentinel,
  defineScript,
  RESP_TYPES,
  withKeyspace,
  type CommandParser,
  type KeyNotification,
  type KeyspaceApi,
  type RedisClientOptions,
  type RedisClientPoolType,
  type RedisClientType,
  type RedisClusterOptions,
  type RedisClusterType,
  type RedisSentinelOptions,
  type RedisSentinelType
} from 'redis-keyspace';

const echo = {
  parseCommand(parser: CommandParser, key: string) {
    parser.pushKey(key);
  },
  transformReply: undefined as unknown as () => `echo ${string}`
};
const config = {
  modules: { bell: { echo } },
  functions: { library: { echo: { ...echo, NUMBER_OF_KEYS: 1 } } },
  scripts: { ring: defineScript({ SCRIPT: 'return KEYS[1]', NUMBER_OF_KEYS: 1, ...echo }) }
};

async function chains() {
  const cluster = await createCluster({ rootNodes: [{ url: 'redis://127.0.0.1:7000' }] })
    .on('error', console.error)
    .connect();
  const subscription = await cluster.subscribeKeyspace('user:*', notification => {
    const text: string[] = [notification.event, notification.key, notification.node];
  });
  subscription.on('gap', gap => gap.reason === 'overflow' && gap.dropped);
  for await (const { key } of await cluster.subscribeKeyevent('expired')) key.toUpperCase();

  const client = await createClient({ url: 'redis://127.0.0.1' }).on('error', console.error).connect();
  await client.subscribeKeyspace('key', ({ key }) => key.readUInt8(0), { bufferMode: true });
  const pool = createClientPool({ url: 'redis://127.0.0.1' }, { maximum: 2 }).on('error', console.error);
  await pool.connect();
  await pool.subscribeKeyspace('key');
  const sentinel = await createSentinel({ name: 'main', sentinelRootNodes: [{ host: 'localhost', port: 26379 }] })
    .on('error', console.error)
    .connect();
  await sentinel.subscribeKeyspace('key');
}

/** With no options, the modules of `redis`; with some, theirs too. */
async function generics() {
  const client = createClient();
  await client.json.set('key', '$', 1);
  await client.ft._list();
  await client.bf.add('key', 'item');
  // @ts-expect-error no such module
  client.whistle;
  // @ts-expect-error the arguments of a module's command are still checked
  await client.ts.add('key', '*', '1.5');

  const made = createClient({
    ...config,
    RESP: 2,
    commandOptions: { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } }
  });
  const replies: `echo ${string}`[] = [
    await made.bell.echo('key'),
    await made.library.echo('key'),
    await made.ring('key')
  ];
  const value: Buffer | null = await made.get('key');
  await made.json.set('key', '$', 1);
  // @ts-expect-error the arguments of a script are still checked
  await made.ring(1);
  const cluster = createCluster({ ...config, rootNodes: [] });
  const ofCluster: `echo ${string}` = await cluster.ring('key');
  const sentinel = createSentinel({ ...config, name: 'main', sentinelRootNodes: [] });
  const ofSentinel: `echo ${string}` = await sentinel.ring('key');
  const pool = createClientPool(config);
  const ofPool: `echo ${string}` = await pool.ring('key');
  const lent: string | null = await pool.execute(client => client.get('key'));
  const multi: [`echo ${string}`, string | null] = await made
    .duplicate({ RESP: 3 })
    .withTypeMapping({})
    .multi()
    .ring('key')
    .get('key')
    .execTyped();
}

/** Each generic is what `redis` makes of the same options. */
async function sameAsRedis() {
  const plain = {
    client: redis.createClient({ ...config, RESP: 2 }),
    pool: redis.createClientPool({ ...config, RESP: 2 }),
    cluster: redis.createCluster({ ...config, RESP: 2, rootNodes: [] }),
    sentinel: redis.createSentinel({ ...config, RESP: 2, name: 'main', sentinelRootNodes: [] })
  };
  const ours = {
    client: createClient({ ...config, RESP: 2 }),
    pool: createClientPool({ ...config, RESP: 2 }),
    cluster: createCluster({ ...config, RESP: 2, rootNodes: [] }),
    sentinel: createSentinel({ ...config, RESP: 2, name: 'main', sentinelRootNodes: [] })
  };
  const given: typeof plain = ours;
  const wrapped: typeof ours = {
    client: withKeyspace(plain.client),
    pool: withKeyspace(plain.pool),
    cluster: withKeyspace(plain.cluster),
    sentinel: withKeyspace(plain.sentinel)
  };
  // @ts-expect-error what `redis` makes has no keyspace API
  const api: KeyspaceApi = plain.client;
}

/** The names of `redis` mean clients and options that have the API. */
async function names(
  client: RedisClientType,
  pool: RedisClientPoolType,
  cluster: RedisClusterType,
  sentinel: RedisSentinelType
) {
  const upstream: [redis.RedisClientType, redis.RedisClientPoolType, redis.RedisClusterType, redis.RedisSentinelType] =
    [client, pool, cluster, sentinel];
  client = createClient();
  client = await client.connect();
  cluster = createCluster({ rootNodes: [] }).on('error', console.error);
  sentinel = createSentinel({ name: 'main', sentinelRootNodes: [] });
  pool = Math.random() ? createClientPool() : client.createPool();
  await Promise.all(
    [client, pool, cluster, sentinel].map(one => one.subscribeKeyspace('key', (n: KeyNotification) => n.key))
  );
  await client.json.get('key');

  const options: RedisClientOptions = { url: 'redis://127.0.0.1', keyspace: { shareConnection: true } };
  const clusterOptions: RedisClusterOptions = { rootNodes: [], keyspace: { topologyRefreshInterval: 500 } };
  const sentinelOptions: RedisSentinelOptions = { name: 'main', sentinelRootNodes: [], keyspace: { standby: true } };
  createClient(options);
  createCluster(clusterOptions);
  createSentinel(sentinelOptions);
  const ofRedis: redis.RedisClientOptions = { url: 'redis://127.0.0.1' };
  createClient(ofRedis);
  type Client = ReturnType<typeof createClient>;
  const declared: Client = createClient();
  await declared.subscribeKeyspace('key');
}

function misuse() {
  createClient({ keyspace: { notifyKeyspaceEvents: 'enable', heartbeatInterval: 0 } });
  createClientPool({ keyspace: { subscribeTimeout: 1_000 } });
  // @ts-expect-error no such option
  createClient({ keyspace: { heartbeat: 1 } });
  // @ts-expect-error milliseconds are a number
  createCluster({ rootNodes: [], keyspace: { topologyRefreshInterval: '1s' } });
  // @ts-expect-error options are an object
  createSentinel({ name: 'main', sentinelRootNodes: [], keyspace: true });
  // @ts-expect-error of a pool it is among the options of its clients
  createClientPool({}, { keyspace: {} });
  // @ts-expect-error not of a node, but of the cluster
  createCluster({ rootNodes: [{ url: 'redis://127.0.0.1:7000', keyspace: {} }] });
  // @ts-expect-error upstream's options are still checked
  createClient({ database: '1' });
  // @ts-expect-error upstream's options are still required
  createCluster({});
  // @ts-expect-error upstream's options are still required
  createSentinel({ name: 'main' });
  // @ts-expect-error options are the same for a duplicate
  createClient().duplicate({ keyspace: { standby: 'yes' } });
}
