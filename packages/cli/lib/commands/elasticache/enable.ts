import { Command } from 'commander';
import { describeCache } from '../../elasticache/cache';
import { enable, prepareEnable, type Prepared } from '../../elasticache/enable';
import type { Applied } from '../../elasticache/wait';
import { FindingError } from '../../errors';
import { GivenOptions } from '../../given-options';
import type { Io } from '../../io';
import { addOutputOptions } from '../output-options';
import { Report } from './report';
import {
  addCacheOptions,
  addServiceOptions,
  readGroupName,
  readLetters,
  readWanted,
  withService
} from './service-options';
import { readWait } from './wait-options';

const EXAMPLES = `
Examples:
  $ keyspace elasticache enable --cluster-id sessions --dry-run     what it would do
  $ keyspace elasticache enable --cluster-id sessions --region eu-central-1
  $ keyspace elasticache enable --host clustercfg.sessions.abc123.euc1.cache.amazonaws.com --events 'Kg$x'

A parameter group of your own is changed in place. One of AWS's own cannot be changed: it gets a copy, which the cache
is moved to at once. What is on stays on. Nothing is rebooted.`;

/** `keyspace elasticache enable`: notifications on, by the parameter group. */
export function enableCommand(io: Io): Command {
  const command = new Command('enable').summary('turn notifications on, by the parameter group');
  command.description(
    'Turns keyspace notifications on for a cache, by its parameter group, and waits until it is applied.'
  );
  addCacheOptions(command);
  command
    .optionsGroup('What:')
    .option('--events <letters>', 'the letters that have to be on (default: KEA)')
    .option('--parameter-group-name <name>', 'the group that is to have them (default: its own, or <id>-keyspace)')
    .option('--dry-run', 'print the exact calls, and make none')
    .option('--no-wait', 'do not wait until the nodes have applied it')
    .option('--wait-timeout <time>', 'how long to wait (default: 30m)')
    .option('--wait-interval <time>', 'between two looks (default: 10s)');
  addServiceOptions(command);
  addOutputOptions(command);
  command.addHelpText('after', EXAMPLES);
  return command.action(async () => runEnable(new GivenOptions(command, io.env), io));
}

async function runEnable(given: GivenOptions, io: Io): Promise<void> {
  const options = {
    wanted: readWanted(given),
    letters: given.one('events', readLetters) ?? 'KEA',
    parameterGroupName: given.one('parameterGroupName', readGroupName)
  };
  const report = new Report(given, io);
  const wait = readWait(given, io, report);
  await withService(given, io, async service => {
    const prepared = await prepareEnable(service, options);
    const isDry = given.flag('dryRun');
    tellPlan(prepared, isDry, report);
    if (isDry) return prepared.calls.forEach(call => report.call(call));
    const applied = await enable(service, prepared, {
      onCall: call => report.call(call),
      wait: given.flag('noWait') ? false : wait
    });
    tellResult(prepared, applied, report);
  });
}

function tellPlan(prepared: Prepared, isDry: boolean, report: Report): void {
  const { cache, parameterGroup, before, after, calls, sharedWith } = prepared;
  const { kind, id, engine, engineVersion, clusterMode } = cache;
  const others = sharedWith.length ? [`Others have this parameter group too: ${sharedWith.join(', ')}`] : [];
  const what = calls.length ? `${quoted(before)} -> ${quoted(after)}` : `${quoted(after)}, nothing to change`;
  report.tell(
    'plan',
    { id, kind, engine, engineVersion, clusterMode, parameterGroup, before, after, sharedWith, dryRun: isDry },
    describeCache(cache),
    `notify-keyspace-events in ${parameterGroup}: ${what}`,
    ...others,
    ...(isDry && calls.length ? ['It would call:'] : [])
  );
}

function tellResult({ cache, parameterGroup, after }: Prepared, applied: Applied | undefined, report: Report): void {
  const fields = { id: cache.id, parameterGroup, value: after, applied: applied ?? 'not-waited' };
  switch (applied) {
    case undefined:
      return report.tell('result', fields, 'Not waited for: keyspace elasticache verify tells when it is applied.');
    case 'in-sync':
      return report.tell('result', fields, 'Every node has applied it.');
    case 'pending-reboot':
      report.tell(
        'result',
        fields,
        'Some of the parameter group waits for a reboot: keyspace elasticache verify names the nodes.'
      );
      throw new FindingError();
  }
}

function quoted(value: string): string {
  return JSON.stringify(value);
}
