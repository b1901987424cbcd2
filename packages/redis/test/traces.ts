import { waitFor, type RedisServer } from '@redis-keyspace/test-utils';

/** The channel that sentinels subscribe for themselves. */
const SENTINELS_OWN = '__sentinel__:hello';

/** What clients have left on the servers: connections, channels and patterns, in words. */
export async function tracesOn(servers: readonly RedisServer[]): Promise<string[]> {
  return (await Promise.all(servers.map(tracesOf))).flat();
}

/** Resolves when no connection, channel or pattern of a client is left on the servers. */
export async function waitForNoTrace(servers: readonly RedisServer[]): Promise<void> {
  let traces: readonly string[] = [];
  try {
    await waitFor('the servers to be left', async () => !(traces = await tracesOn(servers)).length);
  } catch (cause) {
    throw new Error(`left on the servers: ${traces.join(', ')}`, { cause });
  }
}

async function tracesOf(server: RedisServer): Promise<string[]> {
  const connections = String(await server.command('CLIENT', 'LIST')).split('\n');
  const channels = (await server.command('PUBSUB', 'CHANNELS')) as string[];
  const sharded = (await server.command('PUBSUB', 'SHARDCHANNELS')) as string[];
  const patterns = Number(await server.command('PUBSUB', 'NUMPAT'));
  return [
    ...connections.filter(line => line && !isServersOwn(line)),
    ...[...channels, ...sharded].filter(channel => channel !== SENTINELS_OWN).map(channel => `channel ${channel}`),
    ...(patterns ? [`${patterns} patterns`] : [])
  ];
}

/** The connection that asks, and those of sentinels and replicas. */
function isServersOwn(line: string): boolean {
  return / name=sentinel-| flags=[SM] | cmd=client/.test(line);
}
