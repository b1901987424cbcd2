import { Command } from 'commander';
import { addConnectionOptions, connectionSettings } from '../connection/settings';
import { GivenOptions } from '../given-options';
import type { Io } from '../io';
import { changeFleet } from '../setting/change-fleet';
import { addChangeOptions, reportChanges } from './change-options';
import { addOutputOptions } from './output-options';

const EXAMPLES = `
Examples:
  $ keyspace disable --dry-run                     what is on, and would go
  $ keyspace disable --url redis://node:7000       on all nodes of a cluster

Whoever listens hears nothing any more, and is not told.`;

/** `keyspace disable`: takes all letters away, on every node. */
export function disableCommand(io: Io): Command {
  const command = new Command('disable').summary('switch notifications off, on every node');
  command.description('Empties notify-keyspace-events on every node, replicas included, and asks again whether it is.');
  command.optionsGroup('What:');
  addChangeOptions(command);
  addConnectionOptions(command);
  addOutputOptions(command);
  command.addHelpText('after', EXAMPLES);
  return command.action(async () => {
    const given = new GivenOptions(command, io.env);
    const settings = await connectionSettings(given, io);
    const plan = { add: undefined, persist: given.flag('persist'), dryRun: given.flag('dryRun') };
    reportChanges(await changeFleet(settings, plan, io.signal), plan, given, io);
  });
}
