import type { Hearing } from '@redis-keyspace/test-utils';

/** Every keyspace channel of the storm's keys. */
export function patternOf(prefix: string): string {
  return `__keyspace@*__:${prefix}*`;
}

/** Enters a message of such a channel as it came. */
export function hear(hearing: Hearing, event: string, channel: string, node: string): void {
  const [, database, key] = /^__keyspace@(\d+)__:(.*)$/s.exec(channel) ?? [];
  if (key !== undefined) hearing.heard(event, key, Number(database), node);
}
