const NEWLINE = 0x0a;
const MINUS = 0x2d;
const ZERO = 0x30;

/**
 * Where the RESP3 value that begins at `at` ends; what is behind is not looked at. Beyond the bytes when they
 * do not hold all of it: then at least so many are needed.
 */
export function frameEnd(bytes: Buffer, at: number): number {
  // Lines are short: a loop is quicker than `indexOf`, and reading digits than making a string of them.
  let newline = at + 1;
  while (newline < bytes.length && bytes[newline] !== NEWLINE) newline++;
  if (newline >= bytes.length) return bytes.length + 1;
  const rest = newline + 1;
  switch (bytes[at]) {
    case 0x24: /* $ */
    case 0x21: /* ! */
    case 0x3d /* = */: {
      const length = numberAt(bytes, at + 1, newline);
      return length < 0 ? rest : rest + length + 2;
    }
    case 0x2a: /* * */
    case 0x7e: /* ~ */
    case 0x3e /* > */:
      return itemsEnd(bytes, rest, numberAt(bytes, at + 1, newline));
    case 0x25: /* % */
    case 0x7c /* | */:
      return itemsEnd(bytes, rest, 2 * numberAt(bytes, at + 1, newline));
    default:
      return rest;
  }
}

function itemsEnd(bytes: Buffer, at: number, count: number): number {
  let end = at;
  for (let item = 0; item < count && end <= bytes.length; item++) end = frameEnd(bytes, end);
  return end;
}

/** The digits from `start` to the `\r\n`; -1 for whatever begins with a minus, as a null of RESP2 does. */
function numberAt(bytes: Buffer, start: number, newline: number): number {
  if (bytes[start] === MINUS) return -1;
  let number = 0;
  for (let at = start; at < newline - 1; at++) number = number * 10 + bytes[at] - ZERO;
  return number;
}
