/** One literal for each thing that the caller can do about it. */
export type ElastiCacheErrorCode =
  /** The call was wrong; the message quotes what of it. Nothing was changed. */
  | 'ELASTICACHE_ARGUMENT'
  /** `@aws-sdk/client-elasticache` is not installed. */
  | 'ELASTICACHE_SDK'
  /** No credentials, or such as AWS does not know. */
  | 'ELASTICACHE_CREDENTIALS'
  /** AWS does not answer. */
  | 'ELASTICACHE_UNREACHABLE'
  /** The credentials may not do this: the remedy names the action to allow. */
  | 'ELASTICACHE_DENIED'
  /** Too many calls, even after the SDK's own retries. */
  | 'ELASTICACHE_THROTTLED'
  | 'ELASTICACHE_NOT_FOUND'
  /** Not now: the cache, or its parameter group, is being changed or is broken. */
  | 'ELASTICACHE_STATE'
  /** Never on this kind of cache: serverless, Memcached. */
  | 'ELASTICACHE_UNSUPPORTED'
  /** AWS refused the call for another reason, which the message has. */
  | 'ELASTICACHE_REFUSED'
  /** What was waited for did not come. */
  | 'ELASTICACHE_TIMEOUT';

export interface ElastiCacheErrorOptions extends ErrorOptions {
  /** What to do about it, as a sentence. */
  readonly remedy?: string;
}

/** Why a cache could not be found, read or changed. What AWS said is the `cause`. */
export class ElastiCacheError extends Error {
  override readonly name = 'ElastiCacheError';
  readonly code: ElastiCacheErrorCode;
  readonly remedy: string | undefined;

  constructor(code: ElastiCacheErrorCode, message: string, { remedy, ...options }: ElastiCacheErrorOptions = {}) {
    super(message, options);
    this.code = code;
    this.remedy = remedy;
  }
}
