import {
  SCENARIOS,
  ServerCrashError,
  loadServers,
  randomScenario,
  stopAll,
  type Scenario,
  type ServerBinary
} from '@redis-keyspace/test-utils';
import { HELP, parseArguments, type Arguments } from './arguments';
import { faultsOf, fitOf, playRound, type RoundResult } from './round';
import { Table } from './table';

/** A round to play: of the same seed, the same moves. */
interface Round {
  readonly title: string;
  readonly server: ServerBinary;
  readonly seed: number;
  readonly scenario: Scenario;
}

/** Exit code 1 when something was found, 2 for a wrong command line. */
async function main(): Promise<number> {
  const wanted = read(process.argv.slice(2));
  if (typeof wanted === 'number') return wanted;
  let faults = 0;
  let crashes = 0;
  let played = 0;
  const table = new Table();
  for (const round of wanted.scenarios.length ? chosenRounds(wanted) : randomRounds(wanted)) {
    const began = Date.now();
    try {
      const result = await playRound(round.server, round.scenario, { ...wanted, seed: round.seed });
      faults += tell(round, result, wanted, Date.now() - began);
      table.add(result);
    } catch (error) {
      // Nobody could hear more of a server that ends by a fault of its own.
      if (error instanceof ServerCrashError) crashes++;
      else faults++;
      const message = error instanceof Error ? error.message : String(error);
      console.log(`${error instanceof ServerCrashError ? 'CRASHED' : 'FAILED '} ${round.title}: ${message}`);
    }
    played++;
  }
  console.log(
    `\n${table}\n\n${played} rounds, ${faults} faults${crashes ? `, ${crashes} ended by a server's own crash` : ''}`
  );
  return faults ? 1 : 0;
}

function* chosenRounds({ scenarios, times, seed, servers }: Arguments): Generator<Round> {
  for (const name of scenarios) {
    for (const server of loadServers({ ids: servers })) {
      const scenario: Scenario = SCENARIOS[name];
      if (scenario.needs && !server.supports(scenario.needs)) continue;
      for (let time = 0; time < times; time++) {
        yield { title: `${name} [${server.label}] --seed ${seed + time}`, server, scenario, seed: seed + time };
      }
    }
  }
}

function* randomRounds({ minutes, rounds, times, seed, servers, war }: Arguments): Generator<Round> {
  const all = loadServers({ ids: servers });
  const deadline = Date.now() + minutes * 60_000;
  for (let count = 0; count < rounds && Date.now() < deadline; count++) {
    const server = all[count % all.length];
    const again = `--server ${server.id} --rounds 1 --seed ${seed + count}${war ? ' --war' : ''}`;
    for (let time = 0; time < times; time++) {
      const scenario = randomScenario(server, seed + count, { war });
      const title = `${again}: ${scenario.steps.map(({ name }) => name).join('; ')}`;
      yield { title, server, scenario, seed: seed + count };
    }
  }
}

/** @returns the number of faults */
function tell({ title, scenario }: Round, result: RoundResult, { verbose, standby }: Arguments, ms: number): number {
  const faults = faultsOf(result, scenario.kind, standby);
  const { acknowledged, unknown, refused } = result.writes;
  const fit = fitOf(result);
  const facts = [
    scenario.kind,
    `${acknowledged} writes, ${unknown} unknown, ${refused} refused`,
    ...(fit ? [`gaps from ${fit.early} ms before an outage to ${fit.late} ms after it`] : []),
    `${Math.round(ms / 1_000)} s`
  ];
  console.log(`${faults ? 'FAULTS ' : 'ok     '} ${title} (${facts.join('; ')})`);
  if (faults || verbose) {
    for (const { report } of [...result.ours, ...result.peers]) console.log(indent(report));
    for (const [error, count] of tally(result.errors)) {
      console.log(`  error event${count > 1 ? ` ${count} times` : ''}: ${error}`);
    }
  }
  return faults;
}

function tally(words: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, '  ');
}

function read(argv: string[]): Arguments | number {
  try {
    const parsed = parseArguments(argv);
    if (!parsed.help) return parsed;
    process.stdout.write(HELP);
    return 0;
  } catch (error) {
    console.error(`${(error as Error).message}\nTry: npm run soak -- --help`);
    return 2;
  }
}

// The servers' processes do not keep us alive, and we must not end before they have.
const alive = setInterval(() => undefined, 60_000);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));

void main()
  .catch((error: unknown) => {
    console.error(error);
    return 1;
  })
  .then(async code => {
    await stopAll();
    process.exitCode = code;
    clearInterval(alive);
  });
