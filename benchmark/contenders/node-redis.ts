import { createClient } from '@redis/client';
import { END_EVENT, PATTERN } from '../stream/recorded-stream';
import type { Contender } from './contender';

const connect = ([port]: readonly number[]) => createClient({ socket: { port } }).on('error', console.error).connect();

/** What a user of node-redis writes today: the channel and the event as strings, not parsed. */
export const nodeRedisStrings: Contender = async (ports, ear) => {
  const client = await connect(ports);
  await client.pSubscribe(PATTERN, event => {
    ear.heard++;
    if (event === END_EVENT) ear.end();
  });
};

const END_BYTES = Buffer.from(END_EVENT);

export const nodeRedisBuffers: Contender = async (ports, ear) => {
  const client = await connect(ports);
  const listener = (event: Buffer) => {
    ear.heard++;
    if (event.length === END_BYTES.length && event.equals(END_BYTES)) ear.end();
  };
  await client.pSubscribe(PATTERN, listener, true);
};
