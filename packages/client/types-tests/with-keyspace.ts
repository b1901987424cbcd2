/** `withKeyspace` returns upstream's own type, every generic kept, with the API. */
import {
  createClient,
  createClientPool,
  createCluster,
  createSentinel,
  defineScript,
  RESP_TYPES,
  type CommandParser,
  type RedisClientPoolType,
  type RedisClientType,
  type RedisClusterType,
  type RedisSentinelType
} from '@redis/client';
import {
  withKeyspace,
  type KeyspaceApi,
  type KeyspaceClientPoolType,
  type KeyspaceClientType,
  type KeyspaceClusterType,
  type KeyspaceSentinelType
} from '@redis-keyspace/client';
import { holds, type Same } from './expect';

const echo = {
  parseCommand(parser: CommandParser, key: string, times: number) {
    parser.pushKey(key);
    parser.push(String(times));
  },
  transformReply: undefined as unknown as () => `echo ${string}`
};
const config = {
  modules: { bell: { echo } },
  functions: { library: { echo: { ...echo, NUMBER_OF_KEYS: 1 } } },
  scripts: { ring: defineScript({ SCRIPT: 'return KEYS[1]', NUMBER_OF_KEYS: 1, ...echo }) },
  RESP: 2
} as const;

type Config = typeof config;
type None = NonNullable<unknown>;
type Generics<T> =
  T extends KeyspaceClientType<infer M, infer F, infer S, infer RESP, infer TM> ? [M, F, S, RESP, TM] : never;

async function client() {
  const plain = createClient(config);
  const ours = withKeyspace(plain, { subscribeTimeout: 500 });
  holds<Same<Generics<typeof ours>, [Config['modules'], Config['functions'], Config['scripts'], 2, None]>>();
  const asUpstream: typeof plain = ours;
  const asApi: KeyspaceApi = ours;

  const reply: `echo ${string}` = await ours.bell.echo('key', 2);
  const functionReply: `echo ${string}` = await ours.library.echo('key', 2);
  const scriptReply: `echo ${string}` = await ours.ring('key', 2);
  // @ts-expect-error the arguments of a module's command are still checked
  await ours.bell.echo('key', '2');
  // @ts-expect-error no such module
  ours.whistle;

  for (const kept of [
    await ours.connect(),
    ours.on('error', console.error),
    ours.once('ready', () => {}),
    ours.asap()
  ]) {
    holds<Same<Generics<typeof kept>, Generics<typeof ours>>>();
    await kept.subscribeKeyspace('a*');
    await kept.bell.echo('key', 2);
  }
  const signalled = ours.withAbortSignal(AbortSignal.timeout(1));
  await signalled.subscribeKeyspace('a*');
  await signalled.ring('key', 2);
}

async function chains() {
  const one = await withKeyspace(createClient()).on('error', console.error).once('ready', console.log).connect();
  const value: string | null = await one.get('key');
  await one.subscribeKeyevent('expired');
  one.keyspace.on('gap', gap => gap.since.getTime());

  const cluster = await withKeyspace(createCluster({ rootNodes: [] }))
    .on('error', console.error)
    .connect();
  await cluster.subscribeKeyevent('expired');
  cluster.masters.map(master => master.address);

  const sentinel = await withKeyspace(createSentinel({ name: 'main', sentinelRootNodes: [] }))
    .on('error', console.error)
    .connect();
  await sentinel.subscribeKeyevent('expired');
  await sentinel.use(async lease => lease.set('key', 'value'));

  const pool = withKeyspace(createClientPool()).on('error', console.error);
  await pool.subscribeKeyevent('expired');
  const again = await pool.connect();
  await again?.subscribeKeyevent('expired');
  // @ts-expect-error as upstream's, a pool's connect() gives undefined when it is connected already
  await again.get('key');
}

async function typeMappings() {
  const buffers = withKeyspace(createClient()).withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
  const value: Buffer | null = await buffers.get('key');
  await buffers.subscribeKeyspace('key');
  const inferred = withKeyspace(createClient().withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer }));
  const same: Buffer | null = await inferred.get('key');
  const listed = withKeyspace(createClient({ commandOptions: { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } } }));
  const alsoSame: Buffer | null = await listed.get('key');
  const cluster = withKeyspace(createCluster({ rootNodes: [] })).withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
  const ofCluster: Buffer | null = await cluster.get('key');
  await cluster.subscribeKeyspace('key');
  const pool = withKeyspace(createClientPool()).withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
  const ofPool: Buffer | null = await pool.get('key');
  await pool.subscribeKeyspace('key');
  const sentinel = withKeyspace(createSentinel({ name: 'main', sentinelRootNodes: [] })).withTypeMapping({
    [RESP_TYPES.BLOB_STRING]: Buffer
  });
  const ofSentinel: Buffer | null = await sentinel.get('key');
  await sentinel.subscribeKeyspace('key');
  for (const proxy of [buffers, cluster, pool, sentinel]) await proxy.subscribeKeyspace('key', n => n.key.length);

  await withKeyspace(createClient()).withCommandOptions({ asap: true }).subscribeKeyspace('key');
  await withKeyspace(createCluster({ rootNodes: [] }))
    .withCommandOptions({ asap: true })
    .subscribeKeyspace('key');
  await withKeyspace(createClientPool()).withCommandOptions({ asap: true }).asap().subscribeKeyspace('key');
}

async function resp() {
  const two = withKeyspace(createClient({ RESP: 2 }));
  holds<Same<Generics<typeof two>[3], 2>>();
  const three = withKeyspace(createClient({ RESP: 3 }));
  holds<Same<Generics<typeof three>[3], 3>>();
  const pairs: string[] = (await two.hGetAll('key'))['field'].split(',');
}

async function duplicates() {
  const ours = withKeyspace(createClient(config));
  const twin = ours.duplicate();
  holds<Same<Generics<typeof twin>, Generics<typeof ours>>>();
  await twin.subscribeKeyspace('key');
  const other = ours.duplicate({ RESP: 3, database: 3, keyspace: { heartbeatInterval: 0 } });
  holds<Same<Generics<typeof other>[3], 3>>();
  await other.subscribeKeyspace('key');
  await other.ring('key', 2);
  await withKeyspace(createCluster({ rootNodes: [] }))
    .duplicate({ keyspace: {} })
    .subscribeKeyspace('key');
  await withKeyspace(createSentinel({ name: 'main', sentinelRootNodes: [] }))
    .duplicate()
    .subscribeKeyspace('key');

  const pool = ours.createPool({ minimum: 2 });
  await pool.subscribeKeyspace('key');
  const ofModule: `echo ${string}` = await pool.bell.echo('key', 2);
  const lent: `echo ${string}` = await pool.execute(client => client.bell.echo('key', 2));
}

function everyKind() {
  const cluster = withKeyspace(createCluster({ ...config, rootNodes: [] }));
  type OfCluster =
    typeof cluster extends KeyspaceClusterType<infer M, infer F, infer S, infer RESP, infer TM>
      ? [M, F, S, RESP, TM]
      : never;
  holds<Same<OfCluster, [Config['modules'], Config['functions'], Config['scripts'], 2, None]>>();
  const sentinel = withKeyspace(createSentinel({ ...config, name: 'main', sentinelRootNodes: [] }));
  type OfSentinel =
    typeof sentinel extends KeyspaceSentinelType<infer M, infer F, infer S, infer RESP, infer TM>
      ? [M, F, S, RESP, TM]
      : never;
  holds<Same<OfSentinel, [Config['modules'], Config['functions'], Config['scripts'], 2, None]>>();
  const pool = withKeyspace(createClientPool(config));
  type OfPool =
    typeof pool extends KeyspaceClientPoolType<infer M, infer F, infer S, infer RESP, infer TM>
      ? [M, F, S, RESP, TM]
      : never;
  holds<Same<OfPool, [Config['modules'], Config['functions'], Config['scripts'], 2, None]>>();
}

/** Ours goes wherever upstream's does, and a client that has the API may be given again. */
function assignable(
  client: KeyspaceClientType,
  pool: KeyspaceClientPoolType,
  cluster: KeyspaceClusterType,
  sentinel: KeyspaceSentinelType
) {
  const upstream: [RedisClientType, RedisClientPoolType, RedisClusterType, RedisSentinelType] = [
    client,
    pool,
    cluster,
    sentinel
  ];
  const ours: [KeyspaceClientType, KeyspaceClientPoolType, KeyspaceClusterType, KeyspaceSentinelType] = [
    withKeyspace(client),
    withKeyspace(pool),
    withKeyspace(cluster),
    withKeyspace(sentinel)
  ];
  const apis: KeyspaceApi[] = [...ours];
  // @ts-expect-error upstream's own client has no keyspace API
  const plain: KeyspaceClientType = createClient();
  // @ts-expect-error a cluster is no client
  const mixed: KeyspaceClientType = cluster;
}

/** A function for any client keeps what it is given. */
function generic<T extends KeyspaceApi>(client: T): T {
  return client;
}
const given = generic(withKeyspace(createClient(config)));
void given.ring('key', 1);
