import { InvalidValue } from '../given-options';
import { parseDuration } from '../text/duration';

/** When `watch` ends by itself. */
export interface Until {
  /** After so many notifications. */
  readonly count?: number;
  /** After so many milliseconds. */
  readonly duration?: number;
}

/** A plain number counts notifications, one with a unit is a time. */
export function parseUntil(text: string): Until {
  if (/^[1-9]\d{0,14}$/.test(text)) return { count: Number(text) };
  try {
    return { duration: parseDuration(text) };
  } catch (error) {
    throw new InvalidValue('must be a number of notifications, or a time with its unit, such as 30s', { cause: error });
  }
}
