import { CONTENDERS, type ContenderName } from '../contenders';
import { ContenderProcess, type PhaseReport } from '../contenders/contender-process';
import { median } from '../median';
import { StreamProcess } from '../stream/stream-process';
import { atMost, type Suite, type SuiteResult } from './suite';

const REFERENCE: ContenderName = 'node-redis pSubscribe, strings';
const OURS: ContenderName = 'keyspace, listener';
const NAMES = Object.keys(CONTENDERS) as ContenderName[];
const GOAL = 0.7;

/** What a notification costs each contender: they take turns, each time in a fresh, warmed-up process. */
export const throughput: Suite = async context => {
  const rounds = context.quick ? 3 : 9;
  const count = context.quick ? 300_000 : 1_000_000;
  const stream = await StreamProcess.start();
  const reports = new Map(NAMES.map(name => [name, [] as PhaseReport[]]));
  try {
    for (let round = 1; round <= rounds; round++) {
      for (const name of NAMES) {
        context.progress(`round ${round} of ${rounds}: ${name}`);
        reports.get(name)!.push(await measure(name, stream, count));
      }
    }
  } finally {
    stream.stop();
  }
  return resultOf(reports, rounds, count);
};

async function measure(name: ContenderName, stream: StreamProcess, count: number): Promise<PhaseReport> {
  const contender = await ContenderProcess.start(name, stream);
  try {
    await contender.hear(count / 2);
    const report = await contender.hear(count);
    const expected = name === 'keyspace, all filtered out' ? 1 : count;
    if (report.heard !== expected) throw new Error(`${name} heard ${report.heard} notifications of ${expected}`);
    return report;
  } finally {
    await contender.stop();
  }
}

function resultOf(
  reports: ReadonlyMap<ContenderName, readonly PhaseReport[]>,
  rounds: number,
  count: number
): SuiteResult {
  const reference = reports.get(REFERENCE)!;
  // Round by round: what slows the machine for a while slows both sides of a ratio.
  const ratio = (name: ContenderName) => median(reports.get(name)!.map(({ cpu }, round) => cpu / reference[round].cpu));
  const rows = NAMES.map(name => {
    const own = reports.get(name)!;
    const cpu = median(own.map(report => report.cpu)) / count;
    const rate = (count / median(own.map(report => report.wall))) * 1_000_000;
    return [name, `${cpu.toFixed(3)} us`, ratio(name).toFixed(2), Math.round(rate).toLocaleString('en')];
  });
  return {
    title: `CPU of a notification: median of ${rounds} rounds of ${count.toLocaleString('en')}`,
    columns: ['contender', 'CPU each', 'ratio', 'per second'],
    rows,
    goals: [atMost(`a parsed notification in a listener against ${REFERENCE}`, ratio(OURS), GOAL)]
  };
}
