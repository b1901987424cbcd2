import { Command } from 'commander';
import { describeCache } from '../../elasticache/cache';
import { isSilent } from '../../elasticache/flags';
import { verify, type SelfTest, type VerifyReport } from '../../elasticache/verify';
import { FindingError } from '../../errors';
import { GivenOptions } from '../../given-options';
import type { Io } from '../../io';
import { addOutputOptions } from '../output-options';
import { Report } from './report';
import { addCacheOptions, addServiceOptions, readLetters, readWanted, withService } from './service-options';

const EXAMPLES = `
Examples:
  $ keyspace elasticache verify --cluster-id sessions
  $ keyspace elasticache verify --cluster-id sessions --events Ex --no-self-test

The endpoint can be reached from within its VPC only: elsewhere the self-test is left out. User and password for it are
KEYSPACE_USER and KEYSPACE_PASSWORD; any other connection option of "keyspace doctor" can be given as its variable too.`;

/** `keyspace elasticache verify`: the parameter, whether it is applied, and whether notifications come. */
export function verifyCommand(io: Io, selfTest?: SelfTest): Command {
  const command = new Command('verify').summary('find out whether notifications are on, and come');
  command.description(
    'Looks at the parameter, at whether every node has applied it, and at whether notifications come.'
  );
  addCacheOptions(command);
  command
    .optionsGroup('What:')
    .option('--events <letters>', 'the letters that have to be on (default: any that say something)')
    .option('--no-self-test', 'do not connect to the cache');
  addServiceOptions(command);
  addOutputOptions(command);
  command.addHelpText('after', EXAMPLES);
  return command.action(async () => runVerify(new GivenOptions(command, io.env), io, selfTest));
}

async function runVerify(given: GivenOptions, io: Io, selfTest?: SelfTest): Promise<void> {
  const options = {
    wanted: readWanted(given),
    letters: given.one('events', readLetters),
    selfTest: given.flag('noSelfTest') ? undefined : selfTest
  };
  const report = new Report(given, io);
  await withService(given, io, async service => {
    const found = await verify(service, options);
    tell(found, report);
    if (found.findings.length) throw new FindingError();
  });
}

function tell(found: VerifyReport, report: Report): void {
  const { cache, parameterGroup, value, applied, url, selfTest, selfTestDetails, findings } = found;
  const { kind, id, engine, engineVersion, clusterMode, members } = cache;
  report.tell(
    'report',
    {
      id,
      kind,
      engine,
      engineVersion,
      clusterMode,
      parameterGroup,
      value,
      applied,
      members,
      url,
      selfTest,
      selfTestDetails
    },
    describeCache(cache),
    `notify-keyspace-events in ${parameterGroup}: ${JSON.stringify(value)}`,
    `applied: ${applied}`,
    ...selfTestDetails.map(detail => `  ${detail}`),
    `self-test: ${describeSelfTest(found)}`
  );
  for (const finding of findings) report.tell('finding', finding, '', finding.message, `  ${finding.remedy}`);
}

function describeSelfTest({ selfTest, url, value }: VerifyReport): string {
  switch (selfTest) {
    case 'passed':
    case 'failed':
      return selfTest;
    case 'unreachable':
      return `left out: ${url} cannot be reached from here, since ElastiCache answers within its VPC only`;
    case 'skipped':
      if (isSilent(value)) return 'left out: nothing is on';
      return url === undefined ? 'left out: there is no endpoint yet' : `left out: keyspace doctor --url ${url}`;
  }
}
