/** What can be stopped. */
interface Stoppable {
  stop(): Promise<void>;
}

const running = new Set<Stoppable>();

/** Remembers what `stopAll()` has to stop. */
export function register(server: Stoppable): void {
  running.add(server);
}

/** Forgets what has been stopped. */
export function unregister(server: Stoppable): void {
  running.delete(server);
}

/** Stops every server that this process has started and not stopped yet: for an `after` hook. */
export async function stopAll(): Promise<void> {
  await Promise.all([...running].map(server => server.stop()));
}
