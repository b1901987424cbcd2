import type { Command, Option } from 'commander';
import { UsageError } from './errors';
import type { Io } from './io';

/** Reads the text of an option; throws `InvalidValue` if it makes no sense. */
export type Parse<T> = (text: string) => T;

/** What is wrong with a value, as the end of a sentence that begins with the option and the value. */
export class InvalidValue extends Error {}

interface Given {
  readonly texts: readonly string[];
  /** `--until` or `KEYSPACE_UNTIL`: what the user has to repair. */
  readonly from: string;
}

const YES = ['1', 'true', 'yes', 'on'];
const NO = ['0', 'false', 'no', 'off', ''];

/** `--tls-ca` is `KEYSPACE_TLS_CA` too. */
export function environmentName(option: Pick<Option, 'name'>): string {
  return `KEYSPACE_${option.name().toUpperCase().replaceAll('-', '_')}`;
}

/**
 * The options of one command as they were given: on the command line or else in the environment. Values are read
 * here and not by Commander, so that an error names its source and shows no password.
 */
export class GivenOptions {
  readonly #given = new Map<string, Given>();
  readonly #switches = new Map<string, boolean>();

  constructor(command: Command, env: Io['env']) {
    const values = command.opts<Record<string, unknown>>();
    for (const option of command.options) {
      const name = option.attributeName();
      const isTold = command.getOptionValueSource(name) === 'cli';
      if (!option.required && !option.optional)
        this.#readSwitch(option, isTold ? values[name] === !option.negate : undefined, env);
      else this.#readTexts(option, isTold ? values[name] : undefined, env);
    }
  }

  /** Whether a switch without value is on: `flag('noWrite')` of `--no-write`. */
  flag(name: string): boolean {
    return this.#switches.get(name) === true;
  }

  /** The value of an option that is given once. */
  one<T>(name: string, parse: Parse<T>): T | undefined {
    const given = this.#given.get(name);
    return given && read(given.texts[given.texts.length - 1], given.from, parse);
  }

  /** The values of an option that may be repeated; undefined when it was not given. */
  list<T>(name: string, parse: Parse<T>, separator: RegExp): readonly T[] | undefined {
    const given = this.#given.get(name);
    if (!given) return undefined;
    // An empty item is refused, not left out: somebody's variable was empty.
    return given.texts.flatMap(text => text.split(separator)).map(text => read(text, given.from, parse));
  }

  /** By what a user knows it: the option, or the variable. */
  source(name: string): string | undefined {
    return this.#given.get(name)?.from;
  }

  #readSwitch(option: Option, told: boolean | undefined, env: Io['env']): void {
    const variable = environmentName(option);
    const name = option.negate ? `no${capital(option.attributeName())}` : option.attributeName();
    this.#switches.set(name, told ?? readSwitch(env[variable], variable));
  }

  #readTexts(option: Option, told: unknown, env: Io['env']): void {
    const name = option.attributeName();
    const variable = environmentName(option);
    const text = env[variable];
    if (told !== undefined)
      this.#given.set(name, { texts: ([] as string[]).concat(told as string), from: option.long! });
    else if (text) this.#given.set(name, { texts: [text.trim()], from: variable });
  }
}

function read<T>(text: string, from: string, parse: Parse<T>): T {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof InvalidValue)) throw error;
    throw new UsageError(`${from} ${quote(text)}: ${error.message}`, { cause: error });
  }
}

function readSwitch(text: string | undefined, variable: string): boolean {
  if (text === undefined || NO.includes(text.toLowerCase())) return false;
  if (YES.includes(text.toLowerCase())) return true;
  throw new UsageError(`${variable} ${quote(text)}: must be 1 or 0`);
}

/** A value as messages quote it: the password of a URL is not shown. */
export function quote(text: string): string {
  return JSON.stringify(hidePasswords(text));
}

/** `redis://user:secret@host` without the secret, wherever it stands in a text. */
export function hidePasswords(text: string): string {
  return text.replace(text.includes('://') ? /(:\/\/[^\s/:@]*):\S*@/g : /^([^\s/:@]*):\S*@/, '$1:***@');
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
