import type { KeyNotification } from 'redis-keyspace';

/** Where the demonstration is shown. */
export interface Display {
  /** Another part of the story begins. */
  phase(title: string): void;
  /** Something worth a line of its own. */
  say(text: string): void;
  notification(notification: KeyNotification): void;
  /** Nothing is shown any more but what `say` is given. */
  end(): void;
}
