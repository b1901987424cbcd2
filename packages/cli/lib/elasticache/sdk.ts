import type * as Aws from '@aws-sdk/client-elasticache';
import { ElastiCacheError } from './errors';

const NAME = '@aws-sdk/client-elasticache';

/** The AWS SDK, as far as it is used here. */
export type Sdk = Pick<typeof Aws, 'ElastiCache'>;

/** Loads the SDK, which is an optional peer dependency: who has no ElastiCache need not have it. */
export async function loadSdk(load: () => Promise<Sdk> = () => import('@aws-sdk/client-elasticache')): Promise<Sdk> {
  try {
    return await load();
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw new ElastiCacheError('ELASTICACHE_SDK', `${NAME} is not installed`, {
      remedy: `Install it beside the command: npm install ${NAME}`,
      cause: error
    });
  }
}

/** Whether the SDK itself is missing, and not something that it needs. */
function isMissing(error: unknown): boolean {
  const { code, message } = error as NodeJS.ErrnoException;
  return (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') && message.includes(`'${NAME}'`);
}
