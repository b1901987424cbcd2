const NEWLINE = 0x0a;

/**
 * Where the RESP3 value that begins at `at` ends; what is behind is not looked at. Beyond the bytes when they
 * do not hold all of it: then at least so many are needed.
 */
export function frameEnd(bytes: Buffer, at: number): number {
  const newline = bytes.indexOf(NEWLINE, at);
  if (newline === -1) return bytes.length + 1;
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

function numberAt(bytes: Buffer, start: number, newline: number): number {
  return Number(bytes.toString('latin1', start, newline - 1));
}
