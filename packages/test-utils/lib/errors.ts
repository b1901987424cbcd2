/**
 * Base of every error of the test kit. `code` is a literal, one per class of
 * decision that a test can take.
 */
export abstract class TestKitError extends Error {
  abstract readonly code: string;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** No server could be found or fetched. The message says what was tried and what to install. */
export class ServersUnavailableError extends TestKitError {
  readonly code = 'SERVERS_UNAVAILABLE';
}

/** A server process ended, or never became ready, while it was started. The message ends with its log. */
export class ServerStartError extends TestKitError {
  readonly code = 'SERVER_START';
}

/** A server has ended by a fault of its own, whatever was asked of it. The message says what its log says. */
export class ServerCrashError extends TestKitError {
  readonly code = 'SERVER_CRASH';
}

/** A state that was waited for did not come. The message names it, and `cause` is the last refusal seen. */
export class WaitTimeoutError extends TestKitError {
  readonly code = 'WAIT_TIMEOUT';
}

/** The call makes no sense here: a bad argument, or a feature that this server does not have. */
export class TestKitUsageError extends TestKitError {
  readonly code = 'USAGE';
}

/** Quotes a value with its type, as every message here does. */
export function quote(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : `${String(value)} (${typeof value})`;
}
