/** What a contender tells while it hears the stream. */
export interface Ear {
  /** Notifications that have reached the user's code. */
  heard: number;
  /** The last notification of the stream has. */
  end(): void;
}

/**
 * One way to hear keyspace notifications. It connects to the first port (a cluster: to all), subscribes
 * everything, and resolves when the server has confirmed. The user's code counts and looks at the event.
 */
export type Contender = (ports: readonly number[], ear: Ear) => Promise<void>;
