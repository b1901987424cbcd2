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

/** How many connections the server has, the test kit's own included. */
export async function connectionCount(server: RedisServer): Promise<number> {
  return String(await server.command('CLIENT', 'LIST', 'TYPE', 'normal'))
    .split('\n')
    .concat(String(await server.command('CLIENT', 'LIST', 'TYPE', 'pubsub')).split('\n'))
    .filter(Boolean).length;
}
