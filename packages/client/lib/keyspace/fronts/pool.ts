import {
  ClientClosedError,
  keyPrefixOf,
  poolClientOptions,
  type RedisClientOptions,
  type UpstreamPool
} from '../../upstream';
import type { Front } from '../front';
import { singleNodeFront } from './standalone';

/** A pool lends its clients' options to one dedicated connection. */
export function poolFront(pool: UpstreamPool): Front {
  let options: RedisClientOptions | undefined;
  const front = singleNodeFront(
    'pool',
    () => options!,
    () => {
      if (!pool.isOpen || pool.isClosing) throw new ClientClosedError();
    }
  );
  return {
    ...front,
    keyPrefix: keyPrefixOf(pool),
    get defaultDatabase() {
      return options?.database ?? 0;
    },
    learn: async () => {
      options ??= await poolClientOptions(pool);
    },
    prepare: () => Promise.resolve(),
    reportError: error => (pool as unknown as NodeJS.EventEmitter).emit('error', error)
  };
}
