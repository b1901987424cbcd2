import type { Command } from 'commander';
import { subscriptionNeeds, type IntendedSubscription } from 'redis-keyspace';
import { repeat } from './connection/settings';
import { UsageError, reasonOf } from './errors';
import { InvalidValue, quote, type GivenOptions } from './given-options';

const LIST = /\s*,\s*/;

/** Adds what says which keys and events are meant, and where a default of them is told, which databases. */
export function addInterestOptions(command: Command, defaultDatabases?: string): Command {
  command
    .argument('[pattern...]', 'only these keys: exact, or globs such as user:*')
    .optionsGroup('What:')
    .option(
      '--event <event>',
      'only these events, such as expired or h*; may be repeated, or a list with commas',
      repeat
    )
    .option('--subkeys', 'the fields of hashes instead of keys (Redis 8.8)');
  if (defaultDatabases !== undefined)
    command.option('--db <number>', `only these databases, or all (default: ${defaultDatabases})`, repeat);
  return command;
}

/** What is to be heard, as the command line has it. */
export interface Interest {
  readonly patterns: readonly string[];
  readonly events: readonly string[];
  readonly databases: readonly number[] | 'all' | undefined;
  readonly subkeys: boolean;
}

/** @throws {UsageError} */
export function readInterest(patterns: readonly string[], given: GivenOptions): Interest {
  if (patterns.includes('')) throw new UsageError('the pattern "" is no key: leave it out for all keys');
  const url = patterns.find(pattern => /^rediss?:\/\//.test(pattern));
  if (url !== undefined) throw new UsageError(`the pattern ${quote(url)} is a URL: give it by --url`);
  const interest = {
    patterns,
    events: given.list('event', parseEvent, LIST) ?? [],
    databases: parseDatabases(given),
    subkeys: given.flag('subkeys')
  };
  // What only the library can tell to be wrong.
  intendedSubscription(interest, {});
  return interest;
}

/**
 * The subscription that an interest stands for: by event where only events are given, since that needs the fewest
 * letters and brings the fewest messages; otherwise by key.
 */
export function intendedSubscription(
  { patterns, events, databases, subkeys }: Interest,
  { cluster = false, database }: { readonly cluster?: boolean; readonly database?: number | 'all' }
): IntendedSubscription {
  const options = { database: databases ?? database ?? 0, ...(patterns.length && events.length ? { events } : {}) };
  const byEvent = !patterns.length && events.length > 0;
  const intended: IntendedSubscription = byEvent
    ? { kind: subkeys ? 'subkeyevent' : 'keyevent', event: events, options, cluster }
    : { kind: subkeys ? 'subkeyspace' : 'keyspace', target: patterns.length ? patterns : '*', options, cluster };
  try {
    subscriptionNeeds(intended);
  } catch (error) {
    throw new UsageError(reasonOf(error), { cause: error });
  }
  return intended;
}

function parseEvent(text: string): string {
  if (!text) throw new InvalidValue('is no event');
  return text;
}

function parseDatabases(given: GivenOptions): Interest['databases'] {
  const list = given.list('db', parseDatabase, LIST);
  if (!list?.includes('all')) return list as readonly number[] | undefined;
  if (list.length > 1) throw new UsageError(`${given.source('db')}: all cannot be given with others`);
  return 'all';
}

function parseDatabase(text: string): number | 'all' {
  if (text === 'all') return 'all';
  if (!/^\d{1,5}$/.test(text)) throw new InvalidValue('must be the number of a database, or all');
  return Number(text);
}
