import { parseArgs } from 'node:util';
import { SUITES, type SuiteName } from './suites';

export const HELP = `Usage: npm run bench [-- options]

  --quick         fewer rounds and shorter streams: for a first look
  --only <suite>  ${Object.keys(SUITES).join(', ')} (may be repeated)
  --help          this text
`;

export interface Arguments {
  readonly quick: boolean;
  readonly help: boolean;
  readonly names: readonly SuiteName[];
}

/** @throws an error whose message quotes what makes no sense. */
export function parseArguments(args: string[]): Arguments {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: 'boolean' },
      only: { type: 'string', multiple: true },
      help: { type: 'boolean', short: 'h' }
    }
  });
  const all = Object.keys(SUITES) as SuiteName[];
  const unknown = values.only?.find(name => !(name in SUITES));
  if (unknown !== undefined) throw new Error(`--only ${JSON.stringify(unknown)}: there are ${all.join(', ')}`);
  return {
    quick: values.quick === true,
    help: values.help === true,
    names: all.filter(name => values.only?.includes(name) ?? true)
  };
}
