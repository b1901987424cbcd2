import { CONTENDERS, type ContenderName } from '.';
import type { PhaseReport } from './contender-process';

/**
 * The process of one contender. After it has subscribed, and after the end of every stream, it reports what
 * the time since the report before has cost it; what it costs to report, or to collect garbage, is not counted.
 */
async function main(name: ContenderName, ports: readonly number[]): Promise<void> {
  let cpu = process.cpuUsage();
  let since = performance.now();
  const ear = {
    heard: 0,
    end() {
      const { user, system } = process.cpuUsage(cpu);
      const wall = (performance.now() - since) * 1_000;
      global.gc?.();
      const report: PhaseReport = {
        cpu: user + system,
        wall,
        heard: ear.heard,
        heapUsed: process.memoryUsage().heapUsed
      };
      ear.heard = 0;
      process.send!(report, () => {
        cpu = process.cpuUsage();
        since = performance.now();
      });
    }
  };
  process.on('disconnect', () => process.exit());
  await CONTENDERS[name](ports, ear);
  // What is resolved is not yet delivered to: the first call of a listener may wait for a turn of the loop.
  setTimeout(() => ear.end(), 50);
}

void main(process.argv[2] as ContenderName, JSON.parse(process.argv[3]) as number[]);
