import type { Command } from 'commander';
import type { GivenOptions } from '../given-options';
import type { Io } from '../io';

/** Adds how things are shown. */
export function addOutputOptions(command: Command): Command {
  return command
    .optionsGroup('Output:')
    .option('--json', 'one JSON object a line')
    .option('--no-color', 'no colours, which are for terminals only anyway; or NO_COLOR')
    .helpOption('-h, --help', 'this text');
}

/** Colours are for terminals, and not for those who have asked for none (no-color.org). */
export function isColoured(given: GivenOptions, { isTTY, env }: Io): boolean {
  return isTTY && !given.flag('noColor') && !env.NO_COLOR;
}

export function writeLines({ stdout }: Io, lines: readonly string[]): void {
  stdout.write(lines.map(line => `${line}\n`).join(''));
}
