import { eventClasses } from './event-catalog';
import type { NotificationKind } from './channel';

/** The letters of `notify-keyspace-events`, in the order in which every server's CONFIG GET writes them. */
export const NOTIFY_FLAGS = [
  'A', 'g', '$', 'l', 's', 'h', 'z', 'x', 'e', 't', 'd', 'a', 'n', 'o', 'c', 'K', 'E', 'm', 'S', 'T', 'I', 'V'
] as const;

export type NotifyFlag = typeof NOTIFY_FLAGS[number];

/** Letters, those of a future server included: what is not known is never lost. */
export type FlagSet = ReadonlySet<NotifyFlag | (string & {})>;

const IN_ALL: readonly NotifyFlag[] = ['g', '$', 'l', 's', 'h', 'z', 'x', 'e', 't', 'd'];
const HIDDEN_BY_ALL: readonly NotifyFlag[] = ['n', 'o', 'c'];

const CHANNEL_FLAG: Readonly<Record<NotificationKind, NotifyFlag>> = {
  keyspace: 'K',
  keyevent: 'E',
  subkeyspace: 'S',
  subkeyevent: 'T',
  subkeyspaceitem: 'I',
  subkeyspaceevent: 'V'
};
export function parseFlags(text: string): FlagSet {
  return new Set(text);
}
export function formatFlags(set: FlagSet): string {
  const covered = set.has('A') ? new Set<string>([...IN_ALL, 'a']) : new Set<string>();
  const known = NOTIFY_FLAGS.filter(flag => set.has(flag) && !covered.has(flag));
  const unknown = [...set].filter(flag => !NOTIFY_FLAGS.includes(flag as NotifyFlag));
  return [...known, ...unknown].join('');
}
export function missingFlags(required: FlagSet, actual: FlagSet): FlagSet {
  return new Set([...required].filter(flag => !actual.has(flag) && !(actual.has('A') && [...IN_ALL, 'a', ...HIDDEN_BY_ALL].includes(flag as NotifyFlag))));
}
export function mergeFlags(actualText: string, required: FlagSet): string {
  const missing = missingFlags(required, parseFlags(actualText));
  return missing.size === 0 ? actualText : formatFlags(new Set([...actualText, ...missing]));
}
export function acceptedFlags(message: string): FlagSet | undefined {
  const letters = /Use '([^']+)'/.exec(message)?.[1];
  return letters === undefined ? undefined : parseFlags(letters);
}
export interface Want {
  readonly kind: NotificationKind;
  readonly events?: readonly string[];
}
export function requiredFlags(wants: Iterable<Want>): FlagSet {
  const required = new Set<NotifyFlag>();
  for (const { kind, events } of wants) {
    required.add(CHANNEL_FLAG[kind]);
    for (const event of events ?? ['*']) for (const flag of eventClasses(event)) required.add(flag);
  }
  return required;
}
