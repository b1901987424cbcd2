import { ElastiCacheError, type ElastiCacheErrorCode } from './errors';

/** What errors of the SDK are called, in the order in which they are tried. */
const NAMES: readonly (readonly [RegExp, ElastiCacheErrorCode])[] = [
  [/^(AccessDenied|AccessDeniedException|UnauthorizedOperation|NotAuthorized)$/, 'ELASTICACHE_DENIED'],
  [/Throttling|^RequestLimitExceeded$|^TooManyRequests|^APICallRateForCustomerExceeded/, 'ELASTICACHE_THROTTLED'],
  [
    /^(InvalidClientTokenId|SignatureDoesNotMatch|IncompleteSignature|MissingAuthenticationToken|UnrecognizedClient)/,
    'ELASTICACHE_CREDENTIALS'
  ],
  [/^ExpiredToken|^RequestExpired$|^CredentialsProviderError$|^TokenProviderError$/, 'ELASTICACHE_CREDENTIALS'],
  [/NotFound(Fault)?$/, 'ELASTICACHE_NOT_FOUND'],
  [/^Invalid.+State(Fault)?$/, 'ELASTICACHE_STATE'],
  [/^(ServiceUnavailable|InternalFailure|TimeoutError)/, 'ELASTICACHE_UNREACHABLE']
];

const NETWORK = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'EHOSTUNREACH', 'EPIPE']);

const REMEDIES: Partial<Record<ElastiCacheErrorCode, (operation: string) => string>> = {
  ELASTICACHE_DENIED: operation => `Allow the action elasticache:${operation} for these credentials.`,
  ELASTICACHE_THROTTLED: () => 'Try again in a minute: the account makes too many calls.',
  ELASTICACHE_CREDENTIALS: () => 'Give credentials as for the AWS CLI: AWS_PROFILE, AWS_ACCESS_KEY_ID, or a role.',
  ELASTICACHE_UNREACHABLE: () => 'Check the network, the region and the proxy.',
  ELASTICACHE_STATE: () => 'Wait until the cache is available, then call again.'
};

/**
 * What the SDK's error means to us. Anything that is neither an answer of AWS nor a failure to get one is given back as
 * it is: it is a fault of this program.
 */
export function explain(operation: string, error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof ElastiCacheError) return error;
  if (error.message === 'Region is missing') {
    return new ElastiCacheError('ELASTICACHE_ARGUMENT', 'No region is given', {
      remedy: 'Give --region, set AWS_REGION, or name a profile that has one.',
      cause: error
    });
  }
  const code = codeOf(error);
  if (code === undefined) return error;
  return new ElastiCacheError(code, `${operation}: ${error.message || error.name}`, {
    remedy: REMEDIES[code]?.(operation),
    cause: error
  });
}

function codeOf(error: Error): ElastiCacheErrorCode | undefined {
  const [, named] = NAMES.find(([pattern]) => pattern.test(error.name)) ?? [];
  if (named !== undefined) return named;
  if (NETWORK.has((error as NodeJS.ErrnoException).code ?? '')) return 'ELASTICACHE_UNREACHABLE';
  return '$metadata' in error ? 'ELASTICACHE_REFUSED' : undefined;
}
