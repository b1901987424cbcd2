/**
 * Waits for `work`, but not for ever.
 * @throws what `late` makes, after `timeout` milliseconds; the signal's reason when it aborts.
 */
export async function within(
  work: Promise<void>,
  timeout: number,
  late: () => Error,
  signal?: AbortSignal
): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let abort: (() => void) | undefined;
  const interrupted = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), timeout);
    abort = () => reject(signal!.reason as Error);
    signal?.addEventListener('abort', abort, { once: true });
  });
  try {
    await Promise.race([work, interrupted]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort!);
    work.catch(() => undefined);
  }
}
