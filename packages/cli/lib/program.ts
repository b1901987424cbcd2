import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import {
  KeyspaceArgumentError,
  KeyspaceRefusedError,
  KeyspaceTimeoutError,
  KeyspaceUnsupportedError
} from 'redis-keyspace';
import { disableCommand } from './commands/disable';
import { doctorCommand } from './commands/doctor';
import { elasticacheCommand } from './commands/elasticache';
import { doctorSelfTest } from './commands/elasticache/doctor-self-test';
import { enableCommand } from './commands/enable';
import { watchCommand } from './commands/watch';
import { CliError, UsageError, reasonOf } from './errors';
import { EXIT, type ExitCode } from './exit-code';
import { hidePasswords } from './given-options';
import type { Io } from './io';

const ENVIRONMENT = `
Every option is a variable too: --tls-ca is KEYSPACE_TLS_CA, a switch is 1 or 0; the command line wins.
Exit codes: 0 fine, 1 something is missing or refused, 2 wrong usage, 3 cannot connect, 130 interrupted.`;

/** Commander's codes for text that was asked for. */
const HELP = ['commander.helpDisplayed', 'commander.version'];

/**
 * The `keyspace` command: never throws, and resolves with the exit code. With a signal that is aborted already it judges
 * the command line, and connects to nobody.
 * @param argv without the program's own name.
 */
export async function run(argv: readonly string[], io: Io): Promise<ExitCode> {
  try {
    refusePassword(argv);
    await createProgram(io).parseAsync([...argv], { from: 'user' });
    return EXIT.fine;
  } catch (error) {
    return report(error, argv, io);
  }
}

function createProgram(io: Io): Command {
  const program = new Command('keyspace')
    .description('Keyspace notifications of Redis and Valkey: watch them, find out why they do not come, enable them.')
    .version(version(), '-V, --version', 'the version')
    .helpOption('-h, --help', 'this text')
    .helpCommand('help [command]', 'the help of a command')
    .addHelpText('after', ENVIRONMENT)
    .addCommand(watchCommand(io))
    .addCommand(doctorCommand(io))
    .addCommand(enableCommand(io))
    .addCommand(disableCommand(io))
    .addCommand(elasticacheCommand(io, { selfTest: doctorSelfTest(io) }));
  for (const command of [program, ...allCommands(program)]) {
    command.exitOverride().configureOutput({
      writeOut: text => io.stdout.write(text),
      writeErr: text => io.stderr.write(text),
      // It is reported as any other error is.
      outputError: () => undefined,
      getOutHelpWidth: () => io.stdout.columns || 100,
      getErrHelpWidth: () => io.stdout.columns || 100,
      getOutHasColors: () => false,
      getErrHasColors: () => false
    });
  }
  return program;
}

function allCommands(command: Command): Command[] {
  return command.commands.flatMap(child => [child, ...allCommands(child)]);
}

/** Of the package that this file is in, compiled or not. */
function version(): string {
  const found = ['../package.json', '../../package.json'].map(path => join(__dirname, path)).find(existsSync)!;
  return (JSON.parse(readFileSync(found, 'utf8')) as { version: string }).version;
}

/** Others can see the command line of a process: there is no such option, and its value is not repeated. */
function refusePassword(argv: readonly string[]): void {
  const end = argv.indexOf('--');
  const given = (end < 0 ? argv : argv.slice(0, end)).find(text => /^(--pass(word)?|-a)(=|$)/.test(text));
  if (given === undefined) return;
  throw new UsageError(
    `${given.split('=', 1)[0]} is no option, since others see the command line: ` +
      'use KEYSPACE_PASSWORD, --password-file or --ask-password'
  );
}

function report(error: unknown, argv: readonly string[], io: Io): ExitCode {
  const exitCode = exitCodeOf(error);
  const message = messageOf(error, exitCode);
  if (message && isJson(argv, io)) io.stderr.write(`${JSON.stringify({ type: 'error', exitCode, message })}\n`);
  else if (message) io.stderr.write(`${message}\n`);
  return exitCode;
}

function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof CliError) return error.exitCode;
  if (error instanceof CommanderError) return HELP.includes(error.code) ? EXIT.fine : EXIT.usage;
  if (error instanceof KeyspaceArgumentError || error instanceof KeyspaceUnsupportedError) return EXIT.usage;
  if (error instanceof KeyspaceTimeoutError) return EXIT.unreachable;
  return EXIT.finding;
}

function messageOf(error: unknown, exitCode: ExitCode): string {
  if (error instanceof CommanderError) {
    if (exitCode === EXIT.fine || error.code === 'commander.help') return '';
    // What was not understood may hold a secret, by a slip of the pen.
    const said = hidePasswords(error.message.replace(/^error: /, '').replace(/('--?[^'=]*)=[^']*'/, "$1=…'"));
    return `${said}\nTry: keyspace --help`;
  }
  if (error instanceof UsageError) return `${error.message}\nTry: keyspace --help`;
  if (error instanceof KeyspaceRefusedError && /@\*__/.test(error.channel))
    return `${error.message}\nOr choose a database: --db 0`;
  return error instanceof CliError ? error.message : reasonOf(error);
}

function isJson(argv: readonly string[], { env }: Io): boolean {
  return argv.includes('--json') || /^(1|true|yes|on)$/i.test(env.KEYSPACE_JSON ?? '');
}
