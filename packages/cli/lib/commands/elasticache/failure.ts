import { ElastiCacheError, type ElastiCacheErrorCode } from '../../elasticache/errors';
import { CliError, InterruptedError } from '../../errors';
import { EXIT, type ExitCode } from '../../exit-code';
import type { Io } from '../../io';

/** What is not a refusal of AWS: everything else ends with `EXIT.finding`. */
const EXIT_CODES: Partial<Record<ElastiCacheErrorCode, ExitCode>> = {
  ELASTICACHE_ARGUMENT: EXIT.usage,
  ELASTICACHE_SDK: EXIT.unreachable,
  ELASTICACHE_CREDENTIALS: EXIT.unreachable,
  ELASTICACHE_UNREACHABLE: EXIT.unreachable
};

/** What ends the command: the error with its remedy, or Ctrl-C, which ends only our waiting. */
export function failure(error: unknown, { signal }: Pick<Io, 'signal'>): unknown {
  if (signal.aborted && (error as Error).name === 'AbortError') return new InterruptedError();
  if (!(error instanceof ElastiCacheError)) return error;
  const { message, remedy, code } = error;
  const text = remedy === undefined ? message : `${message.replace(/\.$/, '')}. ${remedy}`;
  return new CliError(EXIT_CODES[code] ?? EXIT.finding, text, { cause: error });
}
