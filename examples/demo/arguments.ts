import { parseArgs } from 'node:util';
import { parseServerUrl, type ServerUrl } from './server-url';

export type Arguments = DemoArguments | WatchArguments | { readonly mode: 'help' };

export interface DemoArguments {
  readonly mode: 'demo';
}

export interface WatchArguments {
  readonly mode: 'watch';
  readonly url: ServerUrl;
  readonly patterns: readonly string[];
  readonly events: readonly string[];
}

/** The command line makes no sense; the message quotes what of it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const HELP = `Usage: npm start [-- options]

Without options: starts 3 primaries and 3 replicas on this machine, writes keys, and shows what is
heard while slots move and a primary is killed. It ends by itself after half a minute.

  --url <url>          watch your own server, cluster or Sentinel instead, until Ctrl-C; nothing is
                       written to it: redis://[user:password@]host[:port][/database], or rediss://
  --pattern <pattern>  only these keys (with --url; may be repeated)
  --event <event>      only these events, such as expired or h* (with --url; may be repeated)
  --help               this text
`;

/** @throws {UsageError} */
export function parseArguments(argv: readonly string[]): Arguments {
  const { url, pattern: patterns = [], event: events = [], help } = parse(argv);
  if (help) return { mode: 'help' };
  const [only] = [...patterns.map(text => `--pattern ${text}`), ...events.map(text => `--event ${text}`)];
  if (url === undefined) {
    if (only !== undefined)
      throw new UsageError(`"${only}" needs --url: the demonstration writes and shows its own keys`);
    return { mode: 'demo' };
  }
  if (events.includes('')) throw new UsageError('--event "" is no event');
  const parsed = parseServerUrl(url);
  if (typeof parsed === 'string') throw new UsageError(`--url ${JSON.stringify(url)}: ${parsed}`);
  return { mode: 'watch', url: parsed, patterns, events };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        url: { type: 'string' },
        pattern: { type: 'string', multiple: true },
        event: { type: 'string', multiple: true },
        help: { type: 'boolean', short: 'h' }
      }
    }).values;
  } catch (error) {
    // Its messages quote the option and go on about `--` in a second sentence.
    throw new UsageError((error as Error).message.split('. ', 1)[0]);
  }
}
