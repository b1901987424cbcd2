import type { Command } from 'commander';
import { FindingError } from '../errors';
import type { GivenOptions } from '../given-options';
import type { Io } from '../io';
import type { ChangePlan, NodeChange } from '../setting/change';
import { changeLines, changeRecords } from '../setting/change-report';
import { styleOf } from '../style';
import { isColoured, writeLines } from './output-options';

/** Adds what `enable` and `disable` have in common. */
export function addChangeOptions(command: Command): Command {
  return command
    .option('--persist', 'write it into the configuration file of each server too (CONFIG REWRITE)')
    .option('--dry-run', 'change nothing: tell what would be set');
}

/** @throws {FindingError} a node is not as it was to be. */
export function reportChanges(changes: readonly NodeChange[], plan: ChangePlan, given: GivenOptions, io: Io): void {
  if (given.flag('json'))
    writeLines(
      io,
      changeRecords(changes, plan).map(record => JSON.stringify(record))
    );
  else writeLines(io, changeLines(changes, plan, styleOf(isColoured(given, io))));
  if (changes.some(({ failure }) => failure)) throw new FindingError();
}
