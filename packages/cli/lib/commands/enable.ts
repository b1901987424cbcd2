import { Command } from 'commander';
import { addConnectionOptions, connectionSettings } from '../connection/settings';
import { GivenOptions } from '../given-options';
import { addInterestOptions, readInterest } from '../interest-options';
import type { Io } from '../io';
import { changeFleet } from '../setting/change-fleet';
import { readWantedFlags } from '../setting/wanted-flags';
import { addChangeOptions, reportChanges } from './change-options';
import { addOutputOptions } from './output-options';

const EXAMPLES = `
Examples:
  $ keyspace enable --dry-run                           what would be set at 127.0.0.1:6379
  $ keyspace enable --url redis://node:7000 --persist   on all nodes of a cluster, for good
  $ keyspace enable --events Ex                         only "expired", only by event
  $ keyspace enable 'user:*' --event set,del            the fewest letters for just that

What is on stays on. Where CONFIG is refused, as by managed services, it is told what to do instead.`;

/** `keyspace enable`: adds what is missing, on every node. */
export function enableCommand(io: Io): Command {
  const command = new Command('enable').summary('switch notifications on, on every node');
  command.description(
    'Adds what is missing of notify-keyspace-events, on every node, replicas included, and asks again whether it is on.'
  );
  addInterestOptions(command);
  command.option(
    '--events <letters>',
    'KEA, other letters, or minimal: what the patterns, --event and --subkeys need (default: KEA)'
  );
  addChangeOptions(command);
  addConnectionOptions(command);
  addOutputOptions(command);
  command.addHelpText('after', EXAMPLES);
  return command.action(async (patterns: readonly string[]) => {
    const given = new GivenOptions(command, io.env);
    const interest = readInterest(patterns, given);
    const add = readWantedFlags(given, interest);
    const settings = await connectionSettings(given, io);
    const plan = { add, persist: given.flag('persist'), dryRun: given.flag('dryRun') };
    reportChanges(await changeFleet(settings, plan, io.signal), plan, given, io);
  });
}
