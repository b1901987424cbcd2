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
  readonly matches: Matcher;
  /** The same for the same bytes and meaning: how `unsubscribe…(target)` finds what was subscribed. */
  readonly id: string;
}

const FORMS = ['key', 'prefix', 'pattern'] as const;

/** @throws {KeyspaceArgumentError} anything that is not a `KeyTarget`. */
export function parseKeyTarget(target: unknown, argument: string): Target {
  if (typeof target === 'string')
    return isGlob(target) ? globTarget(Buffer.from(target)) : literalTarget(Buffer.from(target));
  if (Buffer.isBuffer(target)) return literalTarget(target);
  if (typeof target === 'object' && target !== null && Object.keys(target).length === 1) {
    for (const form of FORMS) {
      const value = (target as Record<string, unknown>)[form];
      if (typeof value !== 'string' && !Buffer.isBuffer(value)) continue;
      const bytes = typeof value === 'string' ? Buffer.from(value) : value;
      if (form === 'key') return literalTarget(bytes);
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
  return isGlob(event) ? globTarget(Buffer.from(event)) : literalTarget(Buffer.from(event));
}

/** One or several; an empty list is refused, since it would listen to nothing and say so to nobody. */
export function parseTargets(
  value: unknown,
  argument: string,
  parse: (item: unknown, argument: string) => Target
): readonly Target[] {
  if (!Array.isArray(value)) return [parse(value, argument)];
  if (!value.length) throw new KeyspaceArgumentError(argument, 'at least one target', value);
  const unique = new Map<string, Target>();
  value.forEach((item, index) => {
    const target = parse(item, `${argument}[${index}]`);
    unique.set(target.id, target);
  });
  return [...unique.values()];
}

/** The same target, by its `id` too, with the client's `keyPrefix` in front as plain bytes. */
export function prefixTarget(target: Target, prefix: Buffer): Target {
  if (!prefix.length) return target;
  const { part, id } = target;
  const prefixed =
    'literal' in part
      ? literalTarget(Buffer.concat([prefix, part.literal]))
      : globTarget(Buffer.concat([escapeGlob(prefix), part.glob]));
  return { ...prefixed, id };
}

const STAR = Buffer.from('*');

function literalTarget(bytes: Buffer): Target {
  const literal = Buffer.from(bytes);
  const matches: Matcher = (subject, start, end) =>
    end - start === literal.length && literal.compare(subject, start, end) === 0;
  return { part: { literal }, matches, id: `=${literal.toString('latin1')}` };
}

function globTarget(bytes: Buffer): Target {
  const glob = Buffer.from(bytes);
  return { part: { glob }, matches: compileGlob(glob), id: `~${glob.toString('latin1')}` };
}
