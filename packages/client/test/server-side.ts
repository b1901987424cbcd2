import type { RedisServer } from '@redis-keyspace/test-utils';

/** How many connections of this server are subscribed to the channel. */
export async function channelSubscribers(server: RedisServer, channel: string | Buffer): Promise<number> {
  const [, count] = (await server.command('PUBSUB', 'NUMSUB', channel)) as [string, number];
  return count;
}

/** How many different patterns this server serves. */
export async function patternCount(server: RedisServer): Promise<number> {
  return Number(await server.command('PUBSUB', 'NUMPAT'));
}

/** One entry for each connection that is subscribed to anything: its number of channels and of patterns. */
export async function subscriberConnections(server: RedisServer): Promise<{ sub: number; psub: number }[]> {
  const list = String(await server.command('CLIENT', 'LIST', 'TYPE', 'pubsub'));
  return list
    .split('\n')
    .filter(Boolean)
    .map(line => ({ sub: Number(/ sub=(\d+)/.exec(line)?.[1]), psub: Number(/ psub=(\d+)/.exec(line)?.[1]) }));
}

/** How many connections clients have to the server, the test kit's own left out. */
export async function clientConnections(server: RedisServer): Promise<number> {
  const own = Number(await server.command('CLIENT', 'ID'));
  const lists = await Promise.all(['normal', 'pubsub'].map(type => server.command('CLIENT', 'LIST', 'TYPE', type)));
  const lines = lists.flatMap(list => String(list).split('\n').filter(Boolean));
  return lines.filter(line => !line.startsWith(`id=${own} `)).length;
}
