import type { KeyspaceSubscription, RedisClientType } from 'redis-keyspace';

/** Looks at the key. Called again while it looks, it looks once more; never rejects. */
export type Look = () => Promise<void>;

/** How an observer hears that it has to look: the two styles of the API. */
export type Style = (client: RedisClientType, key: string, look: Look) => Promise<KeyspaceSubscription>;

/** With a listener: the library calls, and holds later notifications back while a promise is pending. */
export const withListener: Style = async (client, key, look) => {
  const subscription = await client.subscribeKeyspace({ key }, look);
  subscription.on('recovered', () => void look());
  await look();
  return subscription;
};

/** With an async iterator: the loop asks for the next notification when it is done with the last. */
export const withIterator: Style = async (client, key, look) => {
  const stream = await client.subscribeKeyspace({ key });
  stream.on('recovered', () => void look());
  await look();
  void (async () => {
    for await (const _notification of stream) await look();
  })();
  return stream;
};
