import { Command } from 'commander';
import { addConnectionOptions, connectionSettings } from '../connection/settings';
import { UsageError } from '../errors';
import { GivenOptions, InvalidValue } from '../given-options';
import { addInterestOptions, intendedSubscription, readInterest } from '../interest-options';
import type { Io } from '../io';
import { Screen } from '../screen';
import { styleOf } from '../style';
import { parseDuration } from '../text/duration';
import type { Sink } from '../watch/happening';
import { OutputFile } from '../watch/output-file';
import { jsonSink, textSink } from '../watch/sinks';
import { parseUntil } from '../watch/until';
import { watch } from '../watch/watch';
import { addOutputOptions, isColoured } from './output-options';

const EXAMPLES = `
Examples:
  $ keyspace watch                                  everything that happens at 127.0.0.1:6379
  $ keyspace watch 'user:*' --event set,del         two events of some keys
  $ keyspace watch --event expired --until 10       the next ten keys that expire
  $ keyspace watch --rate --url redis://node:7000   a table, redrawn each second, of a whole cluster
  $ keyspace watch --json | jq -r .key              for other programs

Nothing is written to the servers, their configuration included. "keyspace doctor" tells why nothing comes.`;

const INTERVAL = 1_000;

/** `keyspace watch`: the live stream. */
export function watchCommand(io: Io): Command {
  const command = new Command('watch').summary('show what happens to keys, live');
  command.description('Shows what happens to keys, live, from every primary: time, node, database, event, key.');
  addInterestOptions(command, "the URL's, or all");
  command
    .option('--rate', 'a table by node, event and prefix of the key instead of the single notifications')
    .option('--interval <time>', 'between two tables (default: 1s)')
    .option('--until <count|time>', 'end after so many notifications, or after a time such as 30s')
    .option('--output <path>', 'add everything to this file too, as lines of JSON')
    .option('--standby', 'listen to the replicas of a cluster too, so that a crash loses nothing that reached one');
  addConnectionOptions(command);
  addOutputOptions(command);
  command.addHelpText('after', EXAMPLES);
  return command.action(async (patterns: readonly string[]) =>
    runWatch(patterns, new GivenOptions(command, io.env), io)
  );
}

async function runWatch(patterns: readonly string[], given: GivenOptions, io: Io): Promise<void> {
  const interest = readInterest(patterns, given);
  const rate = given.flag('rate');
  const interval = given.one('interval', parseDuration);
  if (interval !== undefined && !rate) throw new UsageError(`${given.source('interval')} needs --rate`);
  const until = given.one('until', parseUntil);
  const path = given.one('output', notEmpty);
  const connection = await connectionSettings(given, io);
  const intended = intendedSubscription(interest, { database: connection.database ?? 'all' });
  const file = path === undefined ? undefined : await OutputFile.open(path, given.source('output')!);
  const shown = given.flag('json')
    ? jsonSink(io.stdout, { rate })
    : textSink(io.screen ?? new Screen(io), styleOf(isColoured(given, io)), { rate });
  const settings = {
    connection,
    intended,
    keyspace: { standby: given.flag('standby') },
    rateInterval: rate ? (interval ?? INTERVAL) : undefined,
    until
  };
  try {
    await watch(settings, file ? both(shown, file.sink) : shown, io.signal);
  } finally {
    await file?.close();
  }
}

function both(first: Sink, second: Sink): Sink {
  return happening => {
    const pending = [first(happening), second(happening)];
    return pending[0] && pending[1] ? pending[0].then(() => pending[1]) : (pending[0] ?? pending[1]);
  };
}

function notEmpty(text: string): string {
  if (!text) throw new InvalidValue('is no file');
  return text;
}
