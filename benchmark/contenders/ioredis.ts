import { Redis } from 'ioredis';
import { END_EVENT, PATTERN } from '../stream/recorded-stream';
import type { Contender } from './contender';

/** Its event with strings. */
export const ioredisStrings: Contender = async ([port], ear) => {
  const client = new Redis({ port });
  client.on('pmessage', (_pattern, _channel, event) => {
    ear.heard++;
    if (event === END_EVENT) ear.end();
  });
  await client.psubscribe(PATTERN);
};
