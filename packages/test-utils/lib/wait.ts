import { setTimeout as sleep } from 'node:timers/promises';
import { WaitTimeoutError } from './errors';

/** How long and how often to look. */
export interface WaitOptions {
  /** ms until WaitTimeoutError. @default 20_000 */
  timeout?: number;
  /** ms between two looks. @default 20 */
  interval?: number;
}

/** What is left of a type when it is truthy. */
export type Truthy<T> = Exclude<T, false | null | undefined | 0 | ''>;

/**
 * Looks again and again until the probe gives something truthy, and gives that.
 * A probe that rejects counts as "not yet"; the last rejection becomes the cause.
 */
export async function waitFor<T>(
  what: string,
  probe: () => T | Promise<T>,
  { timeout = 20_000, interval = 20 }: WaitOptions = {}
): Promise<Truthy<T>> {
  const deadline = Date.now() + timeout;
  let cause: unknown;
  for (;;) {
    try {
      const found = await probe();
      if (found) {
        return found as Truthy<T>;
      }
    } catch (error) {
      cause = error;
    }
    if (Date.now() > deadline) {
      const reason = cause instanceof Error ? `; last: ${cause.message}` : '';
      throw new WaitTimeoutError(`Waited ${timeout} ms in vain for ${what}${reason}`, { cause });
    }
    await sleep(interval);
  }
}

export { sleep };
