import { EventEmitter } from 'node:events';
import { Command, CommanderError } from 'commander';
import { elasticacheCommand, type ElastiCacheTools } from '../../lib/commands/elasticache';
import { CliError } from '../../lib/errors';
import { EXIT } from '../../lib/exit-code';
import type { Input, Io } from '../../lib/io';

/** What a run of the command printed, and ended with. */
export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions extends ElastiCacheTools {
  readonly env?: Io['env'];
  /** Whether somebody can be asked. @default false */
  readonly isTTY?: boolean;
  readonly signal?: AbortSignal;
  /** What is typed, until the end of the input. */
  readonly typed?: string;
  readonly onOutput?: (text: string) => void;
}

/** Runs `keyspace elasticache …` within this process. */
export async function runCommand(argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const { env = {}, isTTY = false, signal = new AbortController().signal, typed, onOutput, ...tools } = options;
  const text = { stdout: '', stderr: '' };
  const output = (name: keyof typeof text) => ({
    write: (piece: string) => {
      text[name] += piece;
      onOutput?.(piece);
      return true;
    },
    once: () => undefined
  });
  const io: Io = {
    stdout: output('stdout'),
    stderr: output('stderr'),
    stdin: inputOf(isTTY, typed),
    env,
    isTTY: false,
    signal
  };
  const program = new Command('keyspace').addCommand(elasticacheCommand(io, tools));
  for (const command of [program, ...allCommands(program)])
    command.exitOverride().configureOutput({ writeOut: text => io.stdout.write(text), writeErr: () => undefined });
  try {
    await program.parseAsync(['elasticache', ...argv], { from: 'user' });
    return { exitCode: EXIT.fine, ...text };
  } catch (error) {
    if (error instanceof CliError) return { exitCode: error.exitCode, ...text, stderr: text.stderr + error.message };
    if (!(error instanceof CommanderError)) throw error;
    return { exitCode: error.code === 'commander.helpDisplayed' ? EXIT.fine : EXIT.usage, ...text };
  }
}

function allCommands(command: Command): Command[] {
  return command.commands.flatMap(child => [child, ...allCommands(child)]);
}

/** A terminal at which everything has been typed already. */
function inputOf(isTTY: boolean, typed = ''): Input {
  const stdin = Object.assign(new EventEmitter(), {
    isTTY,
    resume: () => queueMicrotask(() => (lines.length ? stdin.emit('data', lines.shift()) : stdin.emit('end'))),
    pause: () => undefined
  });
  const lines = typed.split(/(?<=\n)/).filter(Boolean);
  return stdin;
}
