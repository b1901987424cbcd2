import { EVENT_CATALOG } from './event-catalog';

interface KnownName {
  readonly bytes: Buffer;
  readonly event: string;
}

const TABLE_MASK = 0x1ff;
const KNOWN_NAMES = knownNameTable();

/** An open hash table, sparse enough that nearly every name sits at its own hash. */
function knownNameTable(): readonly (KnownName | undefined)[] {
  const table = new Array<KnownName | undefined>(TABLE_MASK + 1).fill(undefined);
  for (const { event } of EVENT_CATALOG) {
    const bytes = Buffer.from(event);
    let slot = hashOf(bytes, 0, bytes.length);
    while (table[slot] !== undefined) slot = (slot + 1) & TABLE_MASK;
    table[slot] = { bytes, event };
  }
  return table;
}

function hashOf(bytes: Buffer, start: number, end: number): number {
  return ((end - start) * 31 + bytes[start] * 7 + bytes[end - 1] * 3 + bytes[(start + end) >> 1] * 17) & TABLE_MASK;
}

/**
 * The event's name as a string. A name of the catalogue is recognised by its bytes and is always the same string,
 * with nothing decoded; any other is decoded as UTF-8, with U+FFFD for what is not UTF-8.
 */
export function internEvent(bytes: Buffer, start = 0, end = bytes.length): string {
  if (start >= end) return '';
  let slot = hashOf(bytes, start, end);
  for (let known = KNOWN_NAMES[slot]; known !== undefined; known = KNOWN_NAMES[slot]) {
    if (equals(known.bytes, bytes, start, end)) return known.event;
    slot = (slot + 1) & TABLE_MASK;
  }
  return bytes.toString('utf8', start, end);
}

function equals(name: Buffer, bytes: Buffer, start: number, end: number): boolean {
  if (name.length !== end - start) return false;
  for (let i = 0; i < name.length; i++) {
    if (name[i] !== bytes[start + i]) return false;
  }
  return true;
}
