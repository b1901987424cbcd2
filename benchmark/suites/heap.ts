import { ContenderProcess } from '../contenders/contender-process';
import { StreamProcess } from '../stream/stream-process';
import { atMost, type Suite } from './suite';

const MILLION = 1_000_000;
/** What a collected heap may differ by: code that is compiled meanwhile, caches of the runtime. */
const TOLERANCE = 1_000_000;

/** Is anything kept of a notification? The heap after a collection, sampled after each million. */
export const heap: Suite = async ({ quick, progress }) => {
  const count = quick ? MILLION / 5 : MILLION;
  const samples: number[] = [];
  const stream = await StreamProcess.start();
  const contender = await ContenderProcess.start('keyspace, listener', stream, ['--expose-gc']);
  try {
    // The first is for the code to be compiled.
    for (let sample = 0; sample <= 5; sample++) {
      progress(`heap: ${sample} of 5 samples`);
      samples.push((await contender.hear(count)).heapUsed);
    }
  } finally {
    await contender.stop();
    stream.stop();
  }
  const [base, ...later] = samples;
  const growth = later.at(-1)! - base;
  const megabytes = (bytes: number) => `${(bytes / 1_000_000).toFixed(2)} MB`;
  return {
    title: `Heap after every ${count.toLocaleString('en')} notifications`,
    columns: ['after', 'heap used'],
    rows: samples.map((bytes, index) => [
      index ? `${(index * count).toLocaleString('en')}` : 'warm-up',
      megabytes(bytes)
    ]),
    goals: [atMost('growth of the heap', growth, TOLERANCE, megabytes)]
  };
};
