import type { Message } from '../delivery/dispatcher';
import type { OwnView } from '../plan/own-view';
import { inRanges, type SlotRanges } from '../plan/slot-ranges';
import type { AtomicImport } from './atomic-imports';
import { History } from './history';

/** What a server says of its atomic imports, at one place of its stream. */
export interface ImportReport {
  readonly jobs: readonly AtomicImport[];
  /** Milliseconds of its clock, if it tells. */
  readonly time: number | undefined;
  /** When it was asked (ms). */
  readonly askedAt: number;
}

/** An atomic import, and what has been heard of it. */
export interface RunningImport {
  readonly job: AtomicImport;
  /** When it began, at the latest (ms). */
  readonly since: number;
  /** All data had been copied when the slots were last seen elsewhere. */
  readonly isCopied: boolean;
  /** Milliseconds since its end, at most. */
  readonly endedFor: number;
  /** Prints of what is known to be of it: of all, or when `isCopied` of what came after the copy. */
  imported(slots: ReadonlySet<number>): readonly number[];
}

export interface ImportTrailsHost {
  /** An import by the atomic way is heard of. */
  importing(job: AtomicImport): void;
  /** It has been given up: its slots stay where they are. */
  abandoned(job: AtomicImport): void;
  /** The node owned these slots for a while since then (ms), and nobody knows which while. */
  missed(slots: SlotRanges, since: number): void;
}

interface Trail {
  readonly since: number;
  /** How much had been hidden when it began, and when all data had been copied. */
  readonly from: number;
  readonly copiedFrom: number | undefined;
  /** When it was asked last while the slots were not its own (ms). */
  readonly refusedAt: number;
  /** The slots have been its own since, or it has been told that they had. */
  readonly isPast: boolean;
  readonly isGivenUp: boolean;
}

/** The atomic imports of one node, and what of its stream is known to be theirs. */
export class ImportTrails {
  readonly #host: ImportTrailsHost;
  readonly #hidden = new History();
  /** By the ids of the jobs. */
  readonly #trails = new Map<string, Trail>();

  constructor(host: ImportTrailsHost) {
    this.#host = host;
  }

  /** It said this of a slot that was not its own. */
  add(slot: number, message: Message): void {
    this.#hidden.add(slot, message);
  }

  /**
   * Follows the jobs that are known, before what was said of them is decided.
   * @param lag milliseconds that the node's words may have waited to be read.
   */
  follow(jobs: readonly AtomicImport[], lag: number): void {
    for (const id of this.#trails.keys()) if (!jobs.some(job => job.id === id)) this.#trails.delete(id);
    for (const job of jobs) {
      const { id, isOver, isCopied, isGivenUp } = job;
      const trail = this.#trails.get(id);
      // One that failed may be tried again from the beginning.
      const isAnew = isGivenUp || (trail?.copiedFrom !== undefined && !isOver && !isCopied);
      if (trail && !isAnew) continue;
      this.#trails.set(id, this.#begin(lag, isGivenUp));
      if (!isOver) this.#host.importing(job);
      else if (isGivenUp && !trail?.isGivenUp) this.#host.abandoned(job);
    }
  }

  /** Which go on while their slots are not the node's own yet, and of which have all data been copied? */
  place(view: OwnView, { jobs, askedAt }: ImportReport): void {
    for (const { id, slots, isOver, isGivenUp, isCopied } of jobs) {
      const trail = this.#trails.get(id)!;
      const isOwn = slots.some(([from]) => inRanges(view.slots, from));
      if (isOwn || isOver) {
        const isMissed = !isOwn && view.isPrimary && !isGivenUp && !trail.isPast;
        if (isMissed) this.#host.missed(slots, trail.since);
        this.#trails.set(id, { ...trail, isPast: true });
        continue;
      }
      const copiedFrom = isCopied ? (trail.copiedFrom ?? this.#hidden.count) : undefined;
      this.#trails.set(id, { ...trail, copiedFrom, refusedAt: askedAt });
    }
  }

  /** Those of a report that have not been given up. */
  of({ jobs, time, askedAt }: ImportReport): readonly RunningImport[] {
    return jobs
      .filter(({ isGivenUp }) => !isGivenUp)
      .map(job => {
        const { since, from, copiedFrom, refusedAt } = this.#trails.get(job.id) ?? this.#begin(0);
        const told = time !== undefined && job.endedAt !== undefined ? time - job.endedAt : Infinity;
        return {
          job,
          since,
          isCopied: copiedFrom !== undefined,
          endedFor: Math.min(told, askedAt - refusedAt),
          imported: slots => this.#hidden.saidFrom(copiedFrom ?? from, slots)
        };
      });
  }

  #begin(lag: number, isGivenUp = false): Trail {
    return {
      since: Date.now() - lag,
      from: this.#hidden.count,
      copiedFrom: undefined,
      refusedAt: -Infinity,
      isPast: false,
      isGivenUp
    };
  }
}
