/** A reply of names and values: a map with RESP3, a flat list with RESP2. */
export function fieldsOf(reply: unknown): ReadonlyMap<string, unknown> {
  if (reply instanceof Map) return new Map([...reply].map(([name, value]) => [String(name), value as unknown]));
  if (Array.isArray(reply)) {
    return new Map(reply.flatMap((name, index) => (index % 2 ? [] : [[String(name), reply[index + 1] as unknown]])));
  }
  return new Map(typeof reply === 'object' && reply !== null ? Object.entries(reply) : []);
}

/** The lines `name:value` of INFO and its kin. */
export function infoOf(reply: unknown): ReadonlyMap<string, string> {
  const lines = String(reply).split('\n');
  return new Map(
    lines.flatMap(line => {
      const colon = line.indexOf(':');
      return line.startsWith('#') || colon < 1 ? [] : [[line.slice(0, colon), line.slice(colon + 1).trim()] as const];
    })
  );
}
