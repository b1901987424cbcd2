import { setTimeout as delay } from 'node:timers/promises';
import type { RedisClientType } from 'redis-keyspace';
import { answerKey, VALUE_KEY } from './keys';
import { observe } from './observe';

/** What became of one write. */
export interface Round {
  readonly number: number;
  /** Milliseconds until each observer had answered; undefined for one that has not. */
  readonly answers: ReadonlyMap<string, number | undefined>;
  /** Why it was not written. */
  readonly error: unknown;
}

/** Sets the time, and waits for the observers to say that they have seen it. */
export class Writer {
  readonly #client: RedisClientType;
  readonly #names: readonly string[];
  readonly #answers = new Map<string, string | null>();
  readonly #following: Promise<void>[] = [];
  readonly #streams: AsyncGenerator<string | null>[] = [];
  #onAnswer: () => void = () => undefined;
  #number = 0;

  constructor(client: RedisClientType, names: readonly string[]) {
    this.#client = client;
    this.#names = names;
  }

  /** Begins to observe the answers, with the same helper that anybody else would use. */
  async start(): Promise<void> {
    for (const name of this.#names) {
      const values = observe(this.#client, answerKey(name));
      this.#streams.push(values);
      // The first value is what was there before: once it is told, everything later is heard.
      const { value } = await values.next();
      this.#answers.set(name, value as string | null);
      this.#following.push(this.#follow(name, values));
    }
  }

  /** Writes once, and waits for the answers until the time is over. */
  async write(timeout: number): Promise<Round> {
    const sent = Date.now();
    const value = String(sent);
    const answers = new Map<string, number | undefined>(this.#names.map(name => [name, undefined]));
    const answered = new Promise<void>(resolve => {
      this.#onAnswer = () => {
        for (const name of this.#names)
          if (this.#answers.get(name) === value) answers.set(name, answers.get(name) ?? Date.now() - sent);
        if ([...answers.values()].every(answer => answer !== undefined)) resolve();
      };
    });
    const timer = new AbortController();
    const over = delay(timeout, undefined, { signal: timer.signal }).catch(() => undefined);
    const error: unknown = await Promise.race([this.#client.set(VALUE_KEY, value).then(() => answered), over]).then(
      () => undefined,
      error => error
    );
    timer.abort();
    this.#onAnswer = () => undefined;
    return { number: ++this.#number, answers, error };
  }

  /** Deletes what it and the observers have written; they have to be stopped. Rejects soon if nobody answers. */
  async clean(): Promise<void> {
    await this.#client.withCommandOptions({ timeout: 1_000 }).del([VALUE_KEY, ...this.#names.map(answerKey)]);
  }

  /** After the client's keyspace is closed: nothing is followed any more. */
  async stopped(): Promise<void> {
    await Promise.all(this.#following);
  }

  async #follow(name: string, values: AsyncGenerator<string | null>): Promise<void> {
    for await (const value of values) {
      this.#answers.set(name, value);
      this.#onAnswer();
    }
  }
}
