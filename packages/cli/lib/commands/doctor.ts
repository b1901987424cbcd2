import { Command } from 'commander';
import { addConnectionOptions, connectionSettings } from '../connection/settings';
import { diagnose } from '../doctor/doctor';
import { diagnosisLines, diagnosisRecords } from '../doctor/report';
import { PROBE_PREFIX } from '../doctor/self-test';
import { FindingError, UsageError } from '../errors';
import { GivenOptions, InvalidValue } from '../given-options';
import { addInterestOptions, readInterest } from '../interest-options';
import type { Io } from '../io';
import { styleOf } from '../style';
import { addOutputOptions, isColoured, writeLines } from './output-options';

const EXAMPLES = `
Examples:
  $ keyspace doctor                                   all keys and all events of 127.0.0.1:6379
  $ keyspace doctor --url redis://node:7000           of a whole cluster, found from one node
  $ keyspace doctor 'user:*' --event set,del          what just that needs: letters, channels, rights
  $ keyspace doctor --user app --ask-password         may this user listen?
  $ keyspace doctor --no-write --json                 for a monitor

It writes nothing but, unless --no-write, one key to each primary: keyspace-doctor:…, gone at the end.`;

/** `keyspace doctor`: why notifications do not come, or the proof that they do. */
export function doctorCommand(io: Io): Command {
  const command = new Command('doctor').summary('find out what is missing, and prove that notifications come');
  command.description(
    'Examines every node, replicas included: what is on and what it costs, the rights of the user, limits, versions; ' +
      'then proves delivery from every primary. Exit code 1 when something is missing.'
  );
  addInterestOptions(command, "the URL's, or 0");
  command
    .option('--no-write', 'leave out the self-test, which writes a key to each primary')
    .option('--probe-prefix <prefix>', `what these keys begin with (default: ${PROBE_PREFIX})`);
  addConnectionOptions(command);
  addOutputOptions(command);
  command.addHelpText('after', EXAMPLES);
  return command.action(async (patterns: readonly string[]) => {
    const given = new GivenOptions(command, io.env);
    const interest = readInterest(patterns, given);
    const probePrefix = readProbePrefix(given);
    const connection = await connectionSettings(given, io);
    const diagnosis = await diagnose({ connection, interest, probePrefix }, io.signal);
    if (given.flag('json'))
      writeLines(
        io,
        diagnosisRecords(diagnosis).map(record => JSON.stringify(record))
      );
    else writeLines(io, diagnosisLines(diagnosis, styleOf(isColoured(given, io))));
    if (diagnosis.findings.some(({ level }) => level === 'problem')) throw new FindingError();
  });
}

/** @returns undefined when nothing may be written. */
function readProbePrefix(given: GivenOptions): string | undefined {
  const prefix = given.one('probePrefix', parseProbePrefix);
  if (!given.flag('noWrite')) return prefix ?? PROBE_PREFIX;
  if (prefix !== undefined) throw new UsageError(`${given.source('probePrefix')} and --no-write contradict each other`);
  return undefined;
}

/** Braces would say which slot the key belongs to, and that is ours to choose. */
function parseProbePrefix(text: string): string {
  if (!text || /[{}]/.test(text)) throw new InvalidValue('must be the beginning of a key, without braces');
  return text;
}
