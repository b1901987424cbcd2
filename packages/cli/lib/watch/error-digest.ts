import { reasonOf } from '../errors';

const MOST = 100;

/** While its server is gone a connection fails again and again: the same is told once until all is well again. */
export class ErrorDigest {
  readonly #told = new Set<string>();

  /** @returns the message, if it is news. */
  news(error: Error): string | undefined {
    const message = reasonOf(error);
    if (this.#told.has(message) || this.#told.size >= MOST) return undefined;
    this.#told.add(message);
    return message;
  }

  forget(): void {
    this.#told.clear();
  }
}
