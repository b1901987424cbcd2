import type { Target } from '../plan/target';
import type { ParsedNotification } from '../protocol/notification';

/** What a subscriber asked to be told of the notifications that its channels bring. */
export interface FilterOptions {
  readonly events: readonly Target[] | undefined;
  readonly keys: readonly Target[] | undefined;
  /** The client's `keyPrefix`: keys without it are not the client's. */
  readonly prefix: Buffer;
}

/** Verdicts are remembered per event name; a flood of forged names must not grow the memory. */
const MAX_VERDICTS = 1_024;

/** @returns undefined when everything passes, so that the common case costs nothing. */
export function makeFilter({
  events,
  keys,
  prefix
}: FilterOptions): ((notification: ParsedNotification) => boolean) | undefined {
  if (!events && !keys && !prefix.length) return undefined;
  const passesEvent = events && eventFilter(events);
  return notification => {
    if (passesEvent && !passesEvent(notification.event)) return false;
    const { source, keyStart, keyEnd } = notification;
    const start = keyStart + prefix.length;
    if (prefix.length && (start > keyEnd || prefix.compare(source, keyStart, start) !== 0)) return false;
    return !keys || keys.some(key => key.matches(source, start, keyEnd));
  };
}

function eventFilter(events: readonly Target[]): (event: string) => boolean {
  const verdicts = new Map<string, boolean>();
  return event => {
    const known = verdicts.get(event);
    if (known !== undefined) return known;
    const bytes = Buffer.from(event);
    const verdict = events.some(target => target.matches(bytes, 0, bytes.length));
    if (verdicts.size < MAX_VERDICTS) verdicts.set(event, verdict);
    return verdict;
  };
}
