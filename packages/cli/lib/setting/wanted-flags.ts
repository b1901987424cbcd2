import { expandFlags, formatFlags, NOTIFY_FLAGS, parseFlags } from 'redis-keyspace';
import { UsageError } from '../errors';
import { InvalidValue, type GivenOptions } from '../given-options';
import type { Interest } from '../interest-options';
import { wantsOf } from '../wants';

const LETTERS: ReadonlySet<string> = new Set(NOTIFY_FLAGS);
const SUBKEY_CHANNELS = ['S', 'T', 'I', 'V'];

/**
 * The letters that `enable` is to switch on: those of `--events`, or the fewest for what is named, or all.
 * @throws {UsageError}
 */
export function readWantedFlags(given: GivenOptions, interest: Interest): string {
  const isNamed = interest.patterns.length > 0 || interest.events.length > 0 || interest.subkeys;
  const told = given.one('events', parseEvents);
  if (told !== undefined && told !== 'minimal') {
    if (isNamed)
      throw new UsageError(`${given.source('events')} ${told}: with patterns, --event or --subkeys it must be minimal`);
    return told;
  }
  if (told === 'minimal' && !isNamed)
    throw new UsageError(
      `${given.source('events')} minimal: for what? Name patterns, --event or --subkeys, as for "keyspace watch"`
    );
  return wantsOf(interest, { cluster: false }).flags;
}

function parseEvents(text: string): string {
  if (text === 'minimal') return text;
  if (!text || [...text].some(letter => !LETTERS.has(letter)))
    throw new InvalidValue('must be minimal, or letters of notify-keyspace-events such as KEA');
  const flags = expandFlags(parseFlags(text));
  const channels = ['K', 'E'].filter(flag => flags.has(flag));
  const subkeys = SUBKEY_CHANNELS.filter(flag => flags.has(flag));
  const classes = [...flags].filter(flag => ![...channels, ...subkeys].includes(flag));
  if (!channels.length && !subkeys.length) throw new InvalidValue('says nothing: it needs K (by key) or E (by event)');
  if (!classes.length)
    throw new InvalidValue('says nothing: it needs a class such as A (all), $ (strings) or x (expired)');
  return formatFlags(parseFlags(text));
}
