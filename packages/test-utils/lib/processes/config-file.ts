/** Directives of a redis.conf: a name, and a value or, for a directive that repeats, several. */
export type ServerConfig = Readonly<Record<string, string | number | readonly string[]>>;

/** The text of a configuration file. Values of several words are written as they are; an empty one as `""`. */
export function formatConfig(config: ServerConfig): string {
  const lines = Object.entries(config).flatMap(([name, value]) =>
    (Array.isArray(value) ? (value as readonly string[]) : [String(value)]).map(
      item => `${name} ${item === '' ? '""' : item}\n`
    )
  );
  return lines.join('');
}
