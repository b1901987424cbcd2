import assert from 'node:assert/strict';
import { ErrorReply } from '../../upstream';
import { joinRanges } from '../plan/slot-ranges';
import { AtomicImports } from './atomic-imports';

const REDIS = 'CLUSTER MIGRATION STATUS ALL';
const VALKEY = 'CLUSTER GETSLOTMIGRATIONS';

type Job = Readonly<Record<string, unknown>>;

/** As Redis 8.6 answers, without what does not matter here. */
const redisJob = (id: string, operation: string, slots: string, state: string): Job => ({
  id,
  slots,
  source: '1098d90d9ba2d1f12965442daf501ef0b6667bec',
  dest: 'b3b5b426e7ea6166d1548b2a26e1d5adeb1213ac',
  operation,
  state,
  last_error: '',
  retries: 0
});

/** As Valkey 9 answers, without what does not matter here. */
const valkeyJob = (name: string, operation: string, slots: string, state: string): Job => ({
  name,
  operation: operation === 'import' ? 'IMPORT' : 'EXPORT',
  slot_ranges: slots,
  state,
  message: ''
});

/** How the jobs come: with RESP3 as maps, with RESP2 as flat lists of names and values. */
const SHAPES: Readonly<Record<string, (jobs: readonly Job[]) => unknown>> = {
  RESP3: jobs => jobs,
  RESP2: jobs => jobs.map(job => Object.entries(job).flat()),
  'RESP2 and Buffers': jobs =>
    jobs.map(job =>
      Object.entries(job)
        .flat()
        .map(item => (typeof item === 'string' ? Buffer.from(item) : item))
    )
};

const SERVERS = [
  { server: 'Redis', question: REDIS, job: redisJob, done: 'completed', ends: ['completed', 'canceled', 'failed'] },
  { server: 'Valkey', question: VALKEY, job: valkeyJob, done: 'success', ends: ['success', 'cancelled', 'failed'] }
] as const;

/** The slots of what is read of an answer. */
const readSlots = (imports: AtomicImports, answer: unknown) =>
  joinRanges(imports.read(answer).flatMap(({ slots }) => slots));

/** Imports of a server that knows one question, and answered it so at first. */
async function learned(question: string, first: unknown): Promise<AtomicImports> {
  const imports = new AtomicImports();
  await imports.learn(async args => {
    if (args.join(' ') === question) return first;
    throw new ErrorReply(`ERR unknown subcommand '${args[1]}'. Try CLUSTER HELP.`);
  });
  return imports;
}

describe('atomic imports', () => {
  for (const { server, question, job, done, ends } of SERVERS) {
    for (const [protocol, shape] of Object.entries(SHAPES)) {
      describe(`of ${server} with ${protocol}`, () => {
        const learn = (...jobs: readonly Job[]) => learned(question, shape(jobs));

        it('are asked about in its own way', async () => {
          assert.equal((await learn()).question?.join(' '), question);
        });

        it('are the slots of all that go on', async () => {
          const jobs = [job('a', 'import', '0-3 7-7', 'going on'), job('b', 'import', '16383-16383', 'going on')];
          const ranges = readSlots(await learn(), shape(jobs));
          assert.deepEqual(ranges, [
            [0, 3],
            [7, 7],
            [16_383, 16_383]
          ]);
        });

        it('are not what it gives away', async () => {
          const jobs = [job('a', 'migrate', '0-3', 'going on'), job('b', 'import', '7-7', 'going on')];
          assert.deepEqual(readSlots(await learn(), shape(jobs)), [[7, 7]]);
        });

        for (const end of ends) {
          it(`count until they are forgotten when they have ended as ${end}`, async () => {
            const imports = await learn(job('a', 'import', '5-5', 'going on'));
            const over = shape([job('a', 'import', '5-5', end)]);
            assert.deepEqual([readSlots(imports, over), readSlots(imports, over)], [[[5, 5]], [[5, 5]]]);
            imports.forget();
            assert.deepEqual(readSlots(imports, over), []);
          });
        }

        it('count once when they have come and gone between two answers', async () => {
          const imports = await learn();
          const over = shape([job('a', 'import', '5-5', done)]);
          assert.deepEqual([readSlots(imports, over), readSlots(imports, over)], [[[5, 5]], [[5, 5]]]);
          imports.forget();
          assert.deepEqual(readSlots(imports, over), []);
        });

        it('do not count when they were over at first', async () => {
          const old = job('a', 'import', '5-5', done);
          const imports = await learn(old);
          assert.deepEqual(readSlots(imports, shape([old])), []);
          assert.deepEqual(readSlots(imports, shape([old, job('b', 'import', '5-6', 'going on')])), [[5, 6]]);
        });

        it('count again when one that had failed goes on', async () => {
          const imports = await learn(job('a', 'import', '5-5', 'failed'));
          assert.deepEqual(readSlots(imports, shape([job('a', 'import', '5-5', 'going on')])), [[5, 5]]);
        });

        it('are joined, in order', async () => {
          const jobs = [job('a', 'import', '9-12 3-3', 'going on'), job('b', 'import', '4-5 11-14', 'going on')];
          assert.deepEqual(readSlots(await learn(), shape(jobs)), [
            [3, 5],
            [9, 14]
          ]);
        });
      });
    }
  }

  it('may be named by single slots', async () => {
    const imports = await learned(REDIS, []);
    assert.deepEqual(readSlots(imports, [redisJob('a', 'import', '5 9-10', 'going on')]), [
      [5, 5],
      [9, 10]
    ]);
  });

  const STATES = [
    [REDIS, redisJob, 'accumulate-buffer', false],
    [REDIS, redisJob, 'streaming-buffer', true],
    [VALKEY, valkeyJob, 'receiving-snapshot', false],
    [VALKEY, valkeyJob, 'waiting-for-paused', true]
  ] as const;
  for (const [question, job, state, isCopied] of STATES) {
    it(`say by ${state} that all has${isCopied ? '' : ' not'} been copied`, async () => {
      const [read] = (await learned(question, [])).read([job('a', 'import', '5-5', state)]);
      assert.equal(read.isCopied, isCopied);
    });
  }

  it('are not asked about where the server has no such way', async () => {
    assert.equal((await learned('', [])).question, undefined);
  });

  for (const answer of [null, 'OK', 7, {}, [null], ['OK'], [[]], [7], [{ operation: 'import' }], [['operation']]]) {
    it(`are none in ${JSON.stringify(answer)}`, async () => {
      for (const question of [REDIS, VALKEY]) assert.deepEqual(readSlots(await learned(question, answer), answer), []);
    });
  }
});
