import type { ChannelName } from '../protocol/channel';

/** One server-side subscription that somebody wants, however many subscribers share it. */
export interface Want<S> extends ChannelName {
  /** The name's bytes as a latin1 string: the key by which messages find it. */
  readonly text: string;
  /** The same for the same channel or pattern, whichever object stands for it. */
  readonly id: string;
  /** The slot of the one key that it is about: then only the slot's owner has to hear it. */
  readonly slot: number | undefined;
  readonly subscribers: S[];
}

export interface WantedName extends ChannelName {
  readonly slot: number | undefined;
}

/** A channel is its own id, without another string: it begins with `__`, which no pattern's id does. */
export function nameId(pattern: boolean, text: string): string {
  return pattern ? `p${text}` : text;
}

/**
 * What all subscriptions together want from the servers: the truth that connections are made to follow.
 * Promises that a name is there exactly while somebody wants it. Knows nothing of nodes.
 */
export class Registry<S> {
  readonly channels = new Map<string, Want<S>>();
  readonly patterns = new Map<string, Want<S>>();

  get size(): number {
    return this.channels.size + this.patterns.size;
  }

  *[Symbol.iterator](): IterableIterator<Want<S>> {
    yield* this.channels.values();
    yield* this.patterns.values();
  }

  /** @returns the wants of these names, in their order, a repeated name once, and which of them are new. */
  add(subscriber: S, names: Iterable<WantedName>): { wants: Want<S>[]; added: Want<S>[] } {
    const wants: Want<S>[] = [];
    const added: Want<S>[] = [];
    for (const { bytes, pattern, slot } of names) {
      const text = bytes.toString('latin1');
      const map = pattern ? this.patterns : this.channels;
      let want = map.get(text);
      if (!want) {
        want = { bytes, pattern, slot, text, id: nameId(pattern, text), subscribers: [] };
        map.set(text, want);
        added.push(want);
      }
      if (want.subscribers.includes(subscriber)) continue;
      want.subscribers.push(subscriber);
      wants.push(want);
    }
    return { wants, added };
  }

  /** @returns the wants that nobody wants any more. */
  remove(subscriber: S, wants: Iterable<Want<S>>): Want<S>[] {
    const removed: Want<S>[] = [];
    for (const want of wants) {
      const index = want.subscribers.indexOf(subscriber);
      if (index === -1) continue;
      want.subscribers.splice(index, 1);
      if (want.subscribers.length) continue;
      (want.pattern ? this.patterns : this.channels).delete(want.text);
      removed.push(want);
    }
    return removed;
  }
}
