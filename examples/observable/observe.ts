import type { RedisClientType } from 'redis-keyspace';

/**
 * The values of a key, each told once: what it has now, then every value that is found after a notification or a gap.
 * A notification says that something has happened, not what: the value is read, and one that was told already is not
 * told again. So it makes no difference how often a write is said, by how many nodes, or by which event. Values that
 * were there for a moment only may be skipped; the last one never is.
 */
export async function* observe(client: RedisClientType, key: string): AsyncGenerator<string | null> {
  const bell = new Bell();
  await using subscription = await client.subscribeKeyspace({ key }, () => bell.ring());
  subscription.on('recovered', () => bell.ring());
  subscription.on('end', () => bell.end());
  let told: string | null | undefined;
  do {
    const value = await client.get(key);
    if (value !== told) yield (told = value);
  } while (await bell.rung());
}

/** Rung any number of times while nobody waits, it is heard once. */
class Bell {
  #isRung = false;
  #hasEnded = false;
  #wake: (() => void) | undefined;

  ring(): void {
    this.#isRung = true;
    this.#wake?.();
  }

  end(): void {
    this.#hasEnded = true;
    this.#wake?.();
  }

  /** Resolves with false when it will not be rung any more. */
  async rung(): Promise<boolean> {
    if (!this.#isRung && !this.#hasEnded) await new Promise<void>(resolve => (this.#wake = resolve));
    this.#isRung = false;
    return !this.#hasEnded;
  }
}
