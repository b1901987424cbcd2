type Ask = (args: readonly string[]) => Promise<unknown>;

/** By Redis 8.4+ and by Valkey 9: what each calls the jobs that it knows, and what they are about. */
const QUESTIONS = [
  { args: ['CLUSTER', 'MIGRATION', 'STATUS', 'ALL'], slots: 'slots' },
  { args: ['CLUSTER', 'GETSLOTMIGRATIONS'], slots: 'slot_ranges' }
] as const;

/** Which slots has this node imported by the atomic way, or is it importing so? None, where the server has no such way. */
export async function atomicImports(ask: Ask): Promise<(slot: number) => boolean> {
  const answers = await Promise.all(
    QUESTIONS.map(async ({ args, slots }) => {
      const jobs = await ask(args).catch(() => []);
      return Array.isArray(jobs) ? jobs.flatMap(job => rangesOf(job, slots)) : [];
    })
  );
  const ranges = answers.flat();
  return slot => ranges.some(([from, to]) => slot >= from && slot <= to);
}

function rangesOf(job: unknown, slots: string): (readonly [from: number, to: number])[] {
  const fields = fieldsOf(job);
  if (String(fields[operation]).toLowerCase() !== 'import') return [];
  return [...String(fields[slots]).matchAll(/(\d+)(?:-(\d+))?/g)].map(([, from, to = from]) => [
    Number(from),
    Number(to)
  ]);
}

const operation = 'operation';

/** A map with RESP3, a flat list of names and values with RESP2. */
function fieldsOf(job: unknown): Record<string, unknown> {
  if (!Array.isArray(job)) return (job ?? {}) as Record<string, unknown>;
  return Object.fromEntries(
    job.flatMap((name, index) => (index % 2 ? [] : [[String(name), job[index + 1] as unknown]]))
  );
}
