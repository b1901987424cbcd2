import { EXIT, type ExitCode } from './exit-code';

/** Ends a command; its message is all that is shown. Any command may throw one. */
export class CliError extends Error {
  /** What the process ends with. */
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.exitCode = exitCode;
  }
}

/** The command line, or an environment variable, makes no sense; the message quotes what of it. */
export class UsageError extends CliError {
  constructor(message: string, options?: ErrorOptions) {
    super(EXIT.usage, message, options);
  }
}

/** Nobody can be asked there; the message says what was tried, without passwords. */
export class ConnectError extends CliError {
  constructor(message: string, options?: ErrorOptions) {
    super(EXIT.unreachable, message, options);
  }
}

/** Something is missing. Without a message, since it has been told already. */
export class FindingError extends CliError {
  constructor(message = '', options?: ErrorOptions) {
    super(EXIT.finding, message, options);
  }
}

/** Ctrl-C before it was done. */
export class InterruptedError extends CliError {
  constructor() {
    super(EXIT.interrupted, 'Interrupted.');
  }
}

/** The text of whatever was thrown: of a refused connection to several addresses only the code says anything. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { errors } = error as { errors?: unknown[] };
  if (!error.message && Array.isArray(errors) && errors.length) return [...new Set(errors.map(reasonOf))].join(', ');
  return error.message || (error as NodeJS.ErrnoException).code || error.name;
}
