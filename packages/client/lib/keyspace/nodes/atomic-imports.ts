import { joinRanges, type SlotRanges } from '../plan/slot-ranges';

/** By Redis 8.4+ and by Valkey 9: what each calls the jobs that it knows, and what it tells of each. */
const WAYS = [
  { args: ['CLUSTER', 'MIGRATION', 'STATUS', 'ALL'], id: 'id', slots: 'slots', source: 'source' },
  { args: ['CLUSTER', 'GETSLOTMIGRATIONS'], id: 'name', slots: 'slot_ranges', source: 'source_node' }
] as const;

const DONE: ReadonlySet<string> = new Set(['completed', 'success']);
const GIVEN_UP: ReadonlySet<string> = new Set(['failed', 'canceled', 'cancelled']);

/** All data have been copied: only what the source says meanwhile follows. */
const COPIED: ReadonlySet<string> = new Set([
  // Redis 8.4+
  'ready-to-stream',
  'streaming-buffer',
  'wait-stream-eof',
  'takeover',
  // Valkey 9
  'waiting-for-paused',
  'failover-requested',
  'failover-granted'
]);

export interface AtomicImport {
  readonly id: string;
  /** The node that gives the slots away. */
  readonly sourceId: string;
  readonly slots: SlotRanges;
  readonly isOver: boolean;
  /** It has failed, or was cancelled: all that was copied is gone. */
  readonly isGivenUp: boolean;
  readonly isCopied: boolean;
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

  /** @returns those that go on, or have ended and are not forgotten. */
  read(answer: unknown): readonly AtomicImport[] {
    const jobs = Array.isArray(answer) ? answer.flatMap(job => this.#jobOf(job)) : [];
    // One that had failed may go on under its name (Redis 8.4+).
    const news = jobs.filter(({ id, isOver }) => !isOver || !this.#over.has(id));
    this.#ended = new Set(jobs.filter(({ isOver }) => isOver).map(({ id }) => id));
    return news;
  }

  /** Nothing waits any more that what has ended could explain. */
  forget(): void {
    this.#over = this.#ended;
  }

  #jobOf(answer: unknown): AtomicImport[] {
    const fields = fieldsOf(answer);
    const text = (name: string) => String(fields[name]).toLowerCase();
    if (text('operation') !== 'import') return [];
    const { id, slots, source } = this.#way!;
    const ranges = [...text(slots).matchAll(/(\d+)(?:-(\d+))?/g)];
    if (!ranges.length) return [];
    const state = text('state');
    return [
      {
        id: text(id),
        sourceId: text(source),
        slots: joinRanges(ranges.map(([, from, to = from]) => [Number(from), Number(to)])),
        isOver: DONE.has(state) || GIVEN_UP.has(state),
        isGivenUp: GIVEN_UP.has(state),
        isCopied: COPIED.has(state)
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
