import { KeyspaceArgumentError } from '../errors';
import { compileGlob, escapeGlob, isGlob } from '../protocol/glob';
import type { NamePart } from '../protocol/channel';

/** What to watch by key. */
export type KeyTarget =
  /** A glob pattern if it contains `*`, `?`, `[` or `\`, otherwise exactly that key. */
  | string
  /** Exactly that key, any bytes. */
  | Buffer
  | {
      /** Exactly that key, whatever it contains. */
      readonly key: string | Buffer;
    }
  | {
      /** Every key that starts so; glob characters are escaped for you. */
      readonly prefix: string | Buffer;
    }
  | {
      /** A glob pattern, by Redis' rules. */
      readonly pattern: string | Buffer;
    };

/** Tests the bytes `subject[start..end)`. */
export type Matcher = (subject: Buffer, start: number, end: number) => boolean;

/** A key, an event or a subkey to watch, by bytes. */
export interface Target {
  readonly part: NamePart;
  matches(subject: Buffer, start: number, end: number): boolean;
  /** The same for the same bytes and meaning: how `unsubscribe…(target)` finds what was subscribed. */
  readonly id: string;
}

const FORMS = ['key', 'prefix', 'pattern'] as const;

/** @throws {KeyspaceArgumentError} anything that is not a `KeyTarget`. */
export function parseKeyTarget(target: unknown, argument: string): Target {
  if (typeof target === 'string')
    return isGlob(target) ? globTarget(Buffer.from(target)) : new LiteralTarget(Buffer.from(target));
  if (Buffer.isBuffer(target)) return new LiteralTarget(Buffer.from(target));
  if (typeof target === 'object' && target !== null && Object.keys(target).length === 1) {
    for (const form of FORMS) {
      const value = (target as Record<string, unknown>)[form];
      if (typeof value !== 'string' && !Buffer.isBuffer(value)) continue;
      // A copy: the bytes are the caller's to change afterwards.
      const bytes = Buffer.from(value as string);
      if (form === 'key') return new LiteralTarget(bytes);
      return globTarget(form === 'pattern' ? bytes : Buffer.concat([escapeGlob(bytes), STAR]));
    }
  }
  throw new KeyspaceArgumentError(
    argument,
    'a string, a Buffer, { key }, { prefix } or { pattern } with a string or Buffer',
    target
  );
}

/** @throws {KeyspaceArgumentError} anything that is not an event's name or a glob over names. */
export function parseEventTarget(event: unknown, argument: string): Target {
  if (typeof event !== 'string' || event === '') {
    throw new KeyspaceArgumentError(argument, "an event's name or a glob such as 'h*'", event);
  }
  return isGlob(event) ? globTarget(Buffer.from(event)) : new LiteralTarget(Buffer.from(event));
}

/** One or several; an empty list is refused, since it would listen to nothing and say so to nobody. */
export function parseTargets(
  value: unknown,
  argument: string,
  parse: (item: unknown, argument: string) => Target
): readonly Target[] {
  if (!Array.isArray(value)) return [parse(value, argument)];
  if (!value.length) throw new KeyspaceArgumentError(argument, 'at least one target', value);
  const targets: Target[] = [];
  for (let index = 0; index < value.length; index++) targets.push(parseAt(value, index, argument, parse));
  return targets;
}

/** The index is written into the argument's name only when there is something to say about it. */
function parseAt(
  values: readonly unknown[],
  index: number,
  argument: string,
  parse: (item: unknown, argument: string) => Target
): Target {
  try {
    return parse(values[index], argument);
  } catch {
    return parse(values[index], `${argument}[${index}]`);
  }
}

/** The same target, by its `id` too, with the client's `keyPrefix` in front as plain bytes. */
export function prefixTarget(target: Target, prefix: Buffer): Target {
  if (!prefix.length) return target;
  const { part, id } = target;
  if ('literal' in part) return new LiteralTarget(Buffer.concat([prefix, part.literal]), part.literal);
  return { ...globTarget(Buffer.concat([escapeGlob(prefix), part.glob])), id };
}

const STAR = Buffer.from('*');

/** One object, no closure and no text each: there may be very many. */
class LiteralTarget implements Target {
  readonly literal: Buffer;
  /** What it is without the client's `keyPrefix`. */
  readonly #own: Buffer;

  constructor(literal: Buffer, own = literal) {
    this.literal = literal;
    this.#own = own;
  }

  get id(): string {
    return `=${this.#own.toString('latin1')}`;
  }

  get part(): NamePart {
    return this;
  }

  matches(subject: Buffer, start: number, end: number): boolean {
    return end - start === this.literal.length && this.literal.compare(subject, start, end) === 0;
  }
}

function globTarget(glob: Buffer): Target {
  return { part: { glob }, matches: compileGlob(glob), id: `~${glob.toString('latin1')}` };
}
