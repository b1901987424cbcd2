import { joinRanges, type SlotRange, type SlotRanges } from '../plan/slot-ranges';

/** By Redis 8.4+ and by Valkey 9: what each calls the jobs that it knows, and their names and slots. */
const WAYS = [
  { args: ['CLUSTER', 'MIGRATION', 'STATUS', 'ALL'], id: 'id', slots: 'slots' },
  { args: ['CLUSTER', 'GETSLOTMIGRATIONS'], id: 'name', slots: 'slot_ranges' }
] as const;

const OVER: ReadonlySet<string> = new Set(['completed', 'success', 'failed', 'canceled', 'cancelled']);

interface Job {
  readonly id: string;
  readonly isOver: boolean;
  readonly slots: readonly SlotRange[];
}

/**
 * What a node imports by the atomic way. While it does it says all that it copies, and once more what the source
 * says, of slots that are not its own; CLUSTER NODES shows nothing of it.
 */
export class AtomicImports {
  #way: (typeof WAYS)[number] | undefined;
  /** Those that were over when nothing of them was heard any more. */
  #over: ReadonlySet<string> = new Set();
  /** Those that are over by the last answer. */
  #ended: ReadonlySet<string> = new Set();

  /** What to ask the node; undefined where there is no such way. */
  get question(): readonly string[] | undefined {
    return this.#way?.args;
  }

  /** Finds out how this server is asked, and which jobs are over. */
  async learn(ask: (args: readonly string[]) => Promise<unknown>): Promise<void> {
    for (const way of WAYS) {
      const answer = await ask(way.args).catch(() => undefined);
      if (answer === undefined) continue;
      this.#way = way;
      this.read(answer);
      this.forget();
      return;
    }
  }

  /** @returns the slots of the imports that go on, or have ended and are not forgotten. */
  read(answer: unknown): SlotRanges {
    const jobs = Array.isArray(answer) ? answer.flatMap(job => this.#jobOf(job)) : [];
    // One that had failed may go on under its name (Redis 8.4+).
    const news = jobs.filter(({ id, isOver }) => !isOver || !this.#over.has(id));
    this.#ended = new Set(jobs.filter(({ isOver }) => isOver).map(({ id }) => id));
    return joinRanges(news.flatMap(({ slots }) => slots));
  }

  /** Nothing waits any more that what has ended could explain. */
  forget(): void {
    this.#over = this.#ended;
  }

  #jobOf(answer: unknown): Job[] {
    const fields = fieldsOf(answer);
    const text = (name: string) => String(fields[name]).toLowerCase();
    if (text('operation') !== 'import') return [];
    const { id, slots } = this.#way!;
    const ranges = [...text(slots).matchAll(/(\d+)(?:-(\d+))?/g)];
    return [
      {
        id: text(id),
        isOver: OVER.has(text('state')),
        slots: ranges.map(([, from, to = from]) => [Number(from), Number(to)] as const)
      }
    ];
  }
}

/** A map with RESP3, a flat list of names and values with RESP2. */
function fieldsOf(job: unknown): Record<string, unknown> {
  if (!Array.isArray(job)) return (job ?? {}) as Record<string, unknown>;
  return Object.fromEntries(
    job.flatMap((name, index) => (index % 2 ? [] : [[String(name), job[index + 1] as unknown]]))
  );
}
