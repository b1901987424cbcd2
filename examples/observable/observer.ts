import type { KeyspaceSubscription, RedisClientType } from 'redis-keyspace';
import { Histogram } from './histogram';
import { answerKey, VALUE_KEY } from './keys';
import type { Style } from './styles';

export interface ObserverOptions {
  readonly name: string;
  readonly style: Style;
  /** The node that it hears and reads. */
  readonly client: RedisClientType;
  /** Where it answers when its own node takes no writes. */
  readonly primary: RedisClientType;
  readonly node: string;
  readonly onSeen: (observer: Observer, value: string, delay: number) => void;
  readonly onError: (observer: Observer, error: unknown) => void;
}

/** Looks at the key whenever it has to, measures how long a value has taken, and answers with it. */
export class Observer {
  readonly name: string;
  readonly node: string;
  readonly delays = new Histogram();
  /** Looks that found nothing new: a value is told once, however often it is said. */
  repeats = 0;
  gaps = 0;
  readonly #options: ObserverOptions;
  #subscription: KeyspaceSubscription | undefined;
  #seen: string | null = null;
  #looking: Promise<void> | undefined;
  #isDue = false;
  #answersElsewhere = false;

  constructor(options: ObserverOptions) {
    this.name = options.name;
    this.node = options.node;
    this.#options = options;
  }

  async start(): Promise<void> {
    const { style, client } = this.#options;
    this.#subscription = await style(client, VALUE_KEY, () => this.#look());
    this.#subscription.on('gap', () => this.gaps++);
  }

  /** Nothing is looked at after it has resolved. */
  async stop(): Promise<void> {
    await this.#subscription?.unsubscribe();
    await this.#looking;
  }

  /** One look at a time: a reason to look that comes meanwhile makes another. */
  #look(): Promise<void> {
    this.#isDue = true;
    this.#looking ??= this.#lookWhileDue().finally(() => (this.#looking = undefined));
    return this.#looking;
  }

  async #lookWhileDue(): Promise<void> {
    while (this.#isDue) {
      this.#isDue = false;
      try {
        await this.#lookOnce();
      } catch (error) {
        // The node cannot be read: that is a gap too, and its end is a reason to look.
        this.#options.onError(this, error);
      }
    }
  }

  async #lookOnce(): Promise<void> {
    const value = await this.#options.client.get(VALUE_KEY);
    if (value === null) return;
    if (value === this.#seen) {
      this.repeats++;
      return;
    }
    this.#seen = value;
    const delay = Date.now() - Number(value);
    this.delays.add(delay);
    this.#options.onSeen(this, value, delay);
    await this.#answer(value);
  }

  /** On its own node, as active replicas can; a plain replica refuses, and the primary is told. */
  async #answer(value: string): Promise<void> {
    const { client, primary } = this.#options;
    const key = answerKey(this.name);
    if (!this.#answersElsewhere) {
      try {
        await client.set(key, value);
        return;
      } catch (error) {
        if (!/^READONLY/.test((error as Error).message)) throw error;
        this.#answersElsewhere = true;
      }
    }
    await primary.set(key, value);
  }
}
