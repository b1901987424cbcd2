import { parseArgs } from 'node:util';

export interface Arguments {
  /** Three nodes, the writer's first; undefined to start some. */
  readonly urls: readonly [writer: string, listener: string, iterator: string] | undefined;
  /** Milliseconds between two writes. */
  readonly interval: number;
  /** How many writes; endless without. */
  readonly count: number;
}

/** The command line makes no sense; the message quotes what of it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const HELP = `Usage: npx tsx examples/observable/main.ts [options]

A writer sets a timestamp, two observers on two other nodes see it and answer. Without --url, one primary with
two replicas is started on this machine, and stopped at the end.

  --url <url>        a node; give it three times: the writer's, the listener's and the iterator's
  --interval <time>  between two writes, such as 500ms or 2s (default: 1s)
  --count <number>   end after so many writes (default: until Ctrl-C)
  --help             this text
`;

const UNITS = { ms: 1, s: 1_000, m: 60_000 } as const;

/** @returns undefined when only help is wanted. @throws {UsageError} */
export function parseArguments(argv: readonly string[]): Arguments | undefined {
  const { url = [], interval, count, help } = parse(argv);
  if (help) return undefined;
  return {
    urls: url.length ? parseUrls(url) : undefined,
    interval: interval === undefined ? 1_000 : parseInterval(interval),
    count: count === undefined ? Infinity : parseCount(count)
  };
}

function parseUrls(urls: readonly string[]): Arguments['urls'] {
  const wrong = urls.find(url => !/^rediss?:\/\/./.test(url) || !URL.canParse(url));
  if (wrong !== undefined) throw new UsageError(`--url ${JSON.stringify(wrong)}: must be redis:// or rediss://`);
  const [writer, listener, iterator] = urls;
  if (urls.length !== 3) throw new UsageError(`--url: three nodes are needed, got ${urls.length}`);
  return [writer, listener, iterator];
}

function parseInterval(text: string): number {
  const [, value, unit] = /^(\d{1,6})(ms|s|m)$/.exec(text) ?? [];
  const interval = Number(value) * UNITS[unit as keyof typeof UNITS];
  if (interval >= 1) return interval;
  throw new UsageError(`--interval ${JSON.stringify(text)}: must be a time such as 500ms or 2s`);
}

function parseCount(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new UsageError(`--count ${JSON.stringify(text)}: must be a whole number, at least 1`);
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        url: { type: 'string', multiple: true },
        interval: { type: 'string' },
        count: { type: 'string' },
        help: { type: 'boolean', short: 'h' }
      }
    }).values;
  } catch (error) {
    // Its messages quote the option and go on about `--` in a second sentence.
    throw new UsageError((error as Error).message.split('. ', 1)[0]);
  }
}
