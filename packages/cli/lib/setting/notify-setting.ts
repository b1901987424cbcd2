import type { Link } from '../connection/link';
import { fieldsOf } from '../connection/replies';

const SETTING = 'notify-keyspace-events';

/** The letters that are on. Rejects where CONFIG is refused, or hides the setting. */
export async function readNotifySetting(link: Link): Promise<string> {
  const value = fieldsOf(await link.ask('CONFIG', 'GET', SETTING)).get(SETTING);
  if (value === undefined || value === null) throw new Error(`CONFIG GET ${SETTING} answered nothing`);
  return String(value);
}

/** Replaces all letters. */
export async function writeNotifySetting(link: Link, letters: string): Promise<void> {
  await link.ask('CONFIG', 'SET', SETTING, letters);
}

/** Writes the whole configuration into the server's file, so that it outlives a restart. */
export async function persistConfiguration(link: Link): Promise<void> {
  await link.ask('CONFIG', 'REWRITE');
}
