export { CliError, ConnectError, FindingError, InterruptedError, UsageError } from './lib/errors';
export { EXIT, type ExitCode } from './lib/exit-code';
export type { Input, Io, Output } from './lib/io';
export { processIo } from './lib/process-io';
export { run } from './lib/program';
export { Screen } from './lib/screen';
