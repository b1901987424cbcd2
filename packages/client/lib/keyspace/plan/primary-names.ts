import { keyeventChannel, type DatabaseSelector } from '../protocol/channel';
import { REPLICA_WORDS } from '../protocol/replica-words';
import { nameId, type Want } from './registry';

/**
 * The channels of those events that only primaries say, each the same object whenever it is wanted. Subscribed at a
 * replica they cost nothing, and when it is promoted they tell at once what its echo calls otherwise.
 */
export class PrimaryNames<S> {
  readonly #byDatabase = new Map<DatabaseSelector, readonly Want<S>[]>();
  readonly #texts = new Set<string>();

  of(databases: Iterable<DatabaseSelector>): ReadonlySet<Want<S>> {
    return new Set([...new Set(databases)].flatMap(database => this.#of(database)));
  }

  /** Is it one of them, by what the server calls it? */
  has(pattern: Buffer | undefined, channel: Buffer): boolean {
    return this.#texts.has((pattern ?? channel).toString('latin1'));
  }

  #of(database: DatabaseSelector): readonly Want<S>[] {
    const known = this.#byDatabase.get(database);
    if (known) return known;
    const wants = [...REPLICA_WORDS.keys()].map((word): Want<S> => {
      const { bytes, pattern } = keyeventChannel(database, { literal: Buffer.from(word) });
      const text = bytes.toString('latin1');
      this.#texts.add(text);
      return { bytes, pattern, slot: undefined, text, id: nameId(pattern, text), subscribers: [] };
    });
    this.#byDatabase.set(database, wants);
    return wants;
  }
}
