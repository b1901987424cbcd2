import { reasonOf } from '../errors';
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

/** Codes of Node for a connection that could not be made, or not be trusted. */
const NETWORK =
  /^(ECONN(REFUSED|RESET|ABORTED)|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|E(HOST|NET)UNREACH|EPIPE|EPROTO|ERR_(SSL|TLS)_\w+|\w*(CERT|SIGNATURE)\w*)$/;

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
  const isMissing = error.message === 'Region is missing';
  if (isMissing || error.message.startsWith('Region not accepted')) {
    return new ElastiCacheError('ELASTICACHE_ARGUMENT', isMissing ? 'No region is given' : firstLineOf(error.message), {
      remedy: 'Give --region, set AWS_REGION, or name a profile that has one.',
      cause: error
    });
  }
  const code = codeOf(error);
  if (code === undefined) return error;
  return new ElastiCacheError(code, `${operation}: ${firstLineOf(reasonOf(error))}`, {
    remedy: REMEDIES[code]?.(operation),
    cause: error
  });
}

/** What comes after it tells programmers where to look. */
function firstLineOf(text: string): string {
  return text.split('\n', 1)[0];
}

function codeOf(error: Error): ElastiCacheErrorCode | undefined {
  const [, named] = NAMES.find(([pattern]) => pattern.test(error.name)) ?? [];
  if (named !== undefined) return named;
  if (NETWORK.test((error as NodeJS.ErrnoException).code ?? '')) return 'ELASTICACHE_UNREACHABLE';
  const { $metadata: answer } = error as { $metadata?: { httpStatusCode?: number } };
  if (answer === undefined) return undefined;
  // Of a proxy, or of AWS in trouble.
  return (answer.httpStatusCode ?? 0) >= 500 ? 'ELASTICACHE_UNREACHABLE' : 'ELASTICACHE_REFUSED';
}
