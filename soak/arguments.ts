import { parseArgs } from 'node:util';
import { SCENARIOS, type ScenarioName } from '@redis-keyspace/test-utils';

export const HELP = `Usage: npm run soak [-- options]

  --minutes <n>      how long random moves go on @default 5
  --seed <n>         what decides them: the same seed, the same moves @default by the clock
  --rounds <n>       stop after so many rounds, each with a cluster of its own
  --war              crashes, hangs and cut connections too
  --server <id>      redis7, redis8 or valkey9 @default all in turn
  --scenario <name>  no random moves, this scenario instead (may be repeated):
                     ${Object.keys(SCENARIOS).join(', ')}
  --times <n>        each scenario, or round, so many times: the moves are the same, their timing is not @default 1
  --peers            the other three ways to listen, beside ours
  --witness          listen to every node besides, and say of each finding which node said what
  --standby          ours with the option standby; in war what had reached a replica must be heard
  --rate <n>         writes a second @default 1500
  --outside <n>      of 1, how many of them come from a process of its own @default 0.7
  --resp <n>         RESP version of our client, 2 or 3 @default 3
  --verbose          report of every round, not only of those with findings
  --help             this text
`;

export interface Arguments {
  readonly help: boolean;
  readonly minutes: number;
  readonly seed: number;
  readonly rounds: number;
  readonly war: boolean;
  readonly servers: readonly string[] | undefined;
  readonly scenarios: readonly ScenarioName[];
  readonly times: number;
  readonly peers: boolean;
  readonly witness: boolean;
  readonly standby: boolean;
  readonly rate: number;
  readonly outside: number;
  readonly resp: 2 | 3;
  readonly verbose: boolean;
}

/** @throws an error whose message quotes what makes no sense. */
export function parseArguments(args: string[], now = Date.now()): Arguments {
  const { values } = parseArgs({
    args,
    options: {
      minutes: { type: 'string' },
      seed: { type: 'string' },
      rounds: { type: 'string' },
      war: { type: 'boolean' },
      server: { type: 'string', multiple: true },
      scenario: { type: 'string', multiple: true },
      times: { type: 'string' },
      peers: { type: 'boolean' },
      witness: { type: 'boolean' },
      standby: { type: 'boolean' },
      rate: { type: 'string' },
      outside: { type: 'string' },
      resp: { type: 'string' },
      verbose: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' }
    }
  });
  const scenarios = values.scenario ?? [];
  const unknown = scenarios.find(name => !(name in SCENARIOS));
  if (unknown !== undefined) {
    throw new Error(`--scenario ${JSON.stringify(unknown)}: there are ${Object.keys(SCENARIOS).join(', ')}`);
  }
  if (values.resp !== undefined && !['2', '3'].includes(values.resp)) {
    throw new Error(`--resp ${JSON.stringify(values.resp)}: 2 or 3 is wanted`);
  }
  return {
    help: values.help === true,
    minutes: number('minutes', values.minutes, 5),
    seed: number('seed', values.seed, now % 1_000_000),
    rounds: number('rounds', values.rounds, Infinity),
    war: values.war === true,
    servers: values.server,
    scenarios: scenarios as ScenarioName[],
    times: number('times', values.times, 1),
    peers: values.peers === true,
    witness: values.witness === true || values.standby === true,
    standby: values.standby === true,
    rate: number('rate', values.rate, 1_500),
    outside: number('outside', values.outside, 0.7, 1),
    resp: values.resp === '2' ? 2 : 3,
    verbose: values.verbose === true
  };
}

function number(name: string, text: string | undefined, otherwise: number, most = Infinity): number {
  const value = text === undefined ? otherwise : Number(text);
  if (!(value >= 0 && value <= most)) {
    const range = most === Infinity ? '' : ` from 0 to ${most}`;
    throw new Error(`--${name} ${JSON.stringify(text)}: a number${range} is wanted`);
  }
  return value;
}
