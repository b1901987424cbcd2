import type { Message } from '../delivery/dispatcher';

/** What a node says of one write, by every name that is subscribed and concerned. */
export interface Word {
  /** See `printOf`. */
  readonly print: number;
  readonly event: string;
  /** Behind which of the messages it ends. */
  readonly end: number;
}

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** FNV-1a of the database and the key: a replica, or an import, may call the event by another name. */
export function printOf({
  notification: { database, source, keyStart, keyEnd }
}: Pick<Message, 'notification'>): number {
  let hash = FNV_OFFSET ^ database;
  for (let at = keyStart; at < keyEnd; at++) hash = Math.imul(hash ^ source[at], FNV_PRIME);
  return hash;
}

/** Tells which messages begin a word. */
export class WordReader {
  #print: number | undefined;
  #event = '';
  readonly #names = new Set<unknown>();

  /** @returns its print; undefined when it goes on with the word before, or tells of a read, which nobody repeats. */
  read(message: Message): number | undefined {
    const { event } = message.notification;
    if (event === 'keymiss') return undefined;
    const print = printOf(message);
    const goesOn = print === this.#print && event === this.#event && !this.#names.has(message.want);
    if (!goesOn) {
      this.#names.clear();
      [this.#print, this.#event] = [print, event];
    }
    this.#names.add(message.want);
    return goesOn ? undefined : print;
  }
}

export function wordsOf(messages: readonly Message[]): Word[] {
  const reader = new WordReader();
  const words: Word[] = [];
  messages.forEach((message, index) => {
    const { event } = message.notification;
    const print = reader.read(message);
    if (print !== undefined) words.push({ print, event, end: index + 1 });
    else if (event !== 'keymiss') words.push({ ...words.pop()!, end: index + 1 });
  });
  return words;
}
