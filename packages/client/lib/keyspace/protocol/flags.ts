/** The letters of `notify-keyspace-events`, in the order in which every server's CONFIG GET writes them. */
export const NOTIFY_FLAGS = [
  'A',
  'g',
  '$',
  'l',
  's',
  'h',
  'z',
  'x',
  'e',
  't',
  'd',
  'a',
  'n',
  'o',
  'c',
  'K',
  'E',
  'm',
  'S',
  'T',
  'I',
  'V'
] as const;

/** A letter of `notify-keyspace-events` that is known. */
export type NotifyFlag = (typeof NOTIFY_FLAGS)[number];

/** Letters, those of servers yet to come included: a letter that is not known is kept, never lost. */
export type FlagSet = ReadonlySet<NotifyFlag | (string & {})>;

/** What `A` stands for: the first ten since Redis 6.2, `a` where there is an array type (Redis 8.8). */
const IN_ALL: FlagSet = new Set(['g', '$', 'l', 's', 'h', 'z', 'x', 'e', 't', 'd', 'a']);

/** What CONFIG GET does not write once `A` is on, even though it is in force (measured, all versions). */
const HIDDEN_BY_ALL: FlagSet = new Set(['n', 'o', 'c']);

const CHANNEL_FLAGS: FlagSet = new Set(['K', 'E']);
const SUBKEY_CHANNEL_FLAGS: FlagSet = new Set(['S', 'T', 'I', 'V']);

/** Reads the setting as CONFIG GET, CONFIG SET or redis.conf has it; order and repetition mean nothing. */
export function parseFlags(text: string): FlagSet {
  return new Set(text);
}

/** Writes the setting in the server's own order, without the letters that `A` covers; unknown letters come last. */
export function formatFlags(set: FlagSet): string {
  const known = NOTIFY_FLAGS.filter(flag => set.has(flag) && !(set.has('A') && IN_ALL.has(flag)));
  return [...known, ...difference(set, new Set(NOTIFY_FLAGS))].join('');
}

/**
 * Replaces `A` by what it stands for. `accepted` tells whether this server has an array type; without it `A` is
 * taken to cover `a`, which is right wherever there is anything to hear of the class.
 */
export function expandFlags(set: FlagSet, accepted?: FlagSet): FlagSet {
  if (!set.has('A')) return set;
  const all = accepted === undefined || accepted.has('a') ? IN_ALL : difference(IN_ALL, new Set(['a']));
  return union(difference(set, new Set(['A'])), all);
}

/** Whether two settings mean the same, as `KEA` and `AKE` do. Of `KEg$lshzxetd` only `accepted` can tell. */
export function equivalentFlags(left: string, right: string, accepted?: FlagSet): boolean {
  const [a, b] = [left, right].map(text => expandFlags(parseFlags(text), accepted));
  return a.size === b.size && difference(a, b).size === 0;
}

/**
 * The letters that are surely off although they are required. What CONFIG GET cannot show is not among them: see
 * `unknownFlags`. Without `accepted`, the ten old classes one by one do not count as `A`, since every server writes
 * them as `A` once there is nothing more to it.
 */
export function missingFlags(required: FlagSet, actual: FlagSet, accepted?: FlagSet): FlagSet {
  const on = expandFlags(actual, accepted);
  const all = expandFlags(new Set(['A']), accepted);
  const isOn = (flag: string) => (flag === 'A' ? difference(all, on).size === 0 : on.has(flag));
  const unknown = unknownFlags(required, actual);
  return new Set([...required].filter(flag => !isOn(flag) && !unknown.has(flag)));
}

/** The required letters of which nobody can tell: `n`, `o` and `c`, if `A` is on and they are not written. */
export function unknownFlags(required: FlagSet, actual: FlagSet): FlagSet {
  return actual.has('A') ? difference(intersection(required, HIDDEN_BY_ALL), actual) : new Set();
}

/** What `mergeFlags` has to know of the server. */
export interface MergeOptions {
  /** What the server takes (see `acceptedFlagsOf` and `acceptedFlags`). @default unknown: nothing is held back */
  readonly accepted?: FlagSet;
  /**
   * Whether to set those of `n`, `o` and `c` that the server takes but does not show (`A` is on), for they may be
   * on: `keep` never takes away what somebody relies on but may add events; `drop` is the reverse. Needs `accepted`.
   *
   * @default 'keep'
   */
  readonly hidden?: 'keep' | 'drop';
}

/**
 * What to CONFIG SET so that everything that is on stays on and everything required comes on; the given text
 * itself if there is nothing to add. Required letters that `accepted` lacks are left out, since one of them would
 * make the server refuse all: tell of them by `unsupportedFlags`.
 */
export function mergeFlags(actualText: string, required: FlagSet, options: MergeOptions = {}): string {
  const { accepted, hidden = 'keep' } = options;
  const actual = parseFlags(actualText);
  const wanted = union(missingFlags(required, actual, accepted), unknownFlags(required, actual));
  const added = accepted === undefined ? wanted : intersection(wanted, accepted);
  if (added.size === 0) return actualText;

  const mayBeOn = actual.has('A') && hidden === 'keep' ? intersection(HIDDEN_BY_ALL, accepted ?? new Set()) : [];
  return formatFlags(new Set([...actual, ...added, ...mayBeOn]));
}

/** Whether a server with this setting says nothing at all: channels without a class, or a class without channels. */
export function isSilent(set: FlagSet): boolean {
  const channels = intersection(set, CHANNEL_FLAGS).size;
  const classes = difference(difference(expandFlags(set), CHANNEL_FLAGS), SUBKEY_CHANNEL_FLAGS);
  const subkeys = intersection(set, SUBKEY_CHANNEL_FLAGS).size > 0 && classes.has('h');
  return !subkeys && (channels === 0 || classes.size === 0);
}

function union(left: FlagSet, right: FlagSet): FlagSet {
  return new Set([...left, ...right]);
}

function difference(left: FlagSet, right: FlagSet): FlagSet {
  return new Set([...left].filter(flag => !right.has(flag)));
}

function intersection(left: FlagSet, right: FlagSet): FlagSet {
  return new Set([...left].filter(flag => right.has(flag)));
}
