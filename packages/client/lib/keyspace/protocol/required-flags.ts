import type { NotificationKind } from './channel';
import { eventClasses, findEvent } from './event-catalog';
import { expandFlags, type FlagSet, type NotifyFlag } from './flags';
import { isGlob } from './glob';

/** What somebody listens to. */
export interface FlagWant {
  readonly kind: NotificationKind;
  /** Names or globs. @default all, but those that have to be named: `keymiss`, `new`, `overwritten`, `type_changed` */
  readonly events?: readonly string[];
}

const CHANNEL_FLAG: Readonly<Record<NotificationKind, NotifyFlag>> = {
  keyspace: 'K',
  keyevent: 'E',
  subkeyspace: 'S',
  subkeyevent: 'T',
  subkeyspaceitem: 'I',
  subkeyspaceevent: 'V'
};

/** The fewest letters with which a server says all that is wanted: each further class costs it a publish per event. */
export function requiredFlags(wants: Iterable<FlagWant>): FlagSet {
  const required = new Set<NotifyFlag>();
  for (const { kind, events = ['*'] } of wants) {
    const classesOf = kind === 'keyspace' || kind === 'keyevent' ? eventClasses : subkeyClasses;
    required.add(CHANNEL_FLAG[kind]);
    for (const flag of events.flatMap(classesOf)) required.add(flag);
  }
  if (!required.has('A')) return required;
  const covered = expandFlags(new Set('A'));
  return new Set([...required].filter(flag => !covered.has(flag)));
}

/** Only hashes have sub-key channels (Redis 8.8); a module's event may come with any class. */
function subkeyClasses(eventOrGlob: string): readonly NotifyFlag[] {
  return isGlob(eventOrGlob) || findEvent(eventOrGlob) !== undefined ? ['h'] : ['A'];
}
