import { isUtf8 } from 'node:buffer';

export function number(value: number): string {
  return value.toLocaleString('en');
}

export function plural(count: number, noun: string, nouns = `${noun}s`): string {
  return `${number(count)} ${count === 1 ? noun : nouns}`;
}

/** As `a, b and c`. */
export function listed(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items[items.length - 1]}`;
}

export function seconds(milliseconds: number): string {
  return `${(milliseconds / 1_000).toFixed(1)} s`;
}

/** `12:34:56.789` */
export function clock(date: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const milliseconds = String(date.getMilliseconds()).padStart(3, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${milliseconds}`;
}

// eslint-disable-next-line no-control-regex -- control characters are what it is about
const OBEYED = /[\u0000-\u001f\u007f-\u009f]/g;

/** What a terminal would obey is shown escaped; bytes that are no UTF-8 as `\xff`. */
export function printable(text: string | Buffer): string {
  if (typeof text !== 'string' && !isUtf8(text))
    return text.toString('latin1').replace(/[^\x20-\x7e]/g, character => hex(character, '\\x'));
  return String(text).replace(OBEYED, character => hex(character, '\\u00'));
}

function hex(character: string, prefix: string): string {
  return prefix + character.charCodeAt(0).toString(16).padStart(2, '0');
}

/** The first few ranges of slots; none means all keys. */
export function slotList(slots: readonly (readonly [from: number, to: number])[]): string {
  if (!slots.length) return 'all keys';
  const shown = slots.slice(0, 4).map(([from, to]) => (from === to ? String(from) : `${from}-${to}`));
  const noun = slots.length === 1 && slots[0][0] === slots[0][1] ? 'slot' : 'slots';
  return `${noun} ${shown.join(', ')}${slots.length > 4 ? ', …' : ''}`;
}
