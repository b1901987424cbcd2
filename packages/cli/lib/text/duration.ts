import { InvalidValue } from '../given-options';

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;
const MAX_TIMER = 2 ** 31 - 1;

/** Milliseconds of `500ms`, `1.5s`, `10m` or `2h`. */
export function parseDuration(text: string): number {
  const [, value, unit] = /^(\d{1,10}(?:\.\d{1,3})?)(ms|s|m|h)$/.exec(text) ?? [];
  const duration = Math.round(Number(value) * UNITS[unit as keyof typeof UNITS]);
  if (!(duration >= 1 && duration <= MAX_TIMER)) {
    throw new InvalidValue('must be a time with its unit, such as 500ms, 30s, 10m or 2h');
  }
  return duration;
}
