import { setTimeout as delay } from 'node:timers/promises';

/** What the promise gives, or an error that names what was waited for. The promise itself goes on. */
export async function within<T>(what: string, timeout: number, promise: Promise<T>): Promise<T> {
  const late = new AbortController();
  const timer = delay(timeout, undefined, { signal: late.signal }).then(() => {
    throw new Error(`no ${what} within ${timeout} ms`);
  });
  promise.catch(() => undefined);
  timer.catch(() => undefined);
  try {
    return await Promise.race([promise, timer]);
  } finally {
    late.abort();
  }
}
