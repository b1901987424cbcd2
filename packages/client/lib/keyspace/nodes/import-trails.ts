import type { Message } from '../delivery/dispatcher';
import type { OwnView } from '../plan/own-view';
import { inRanges, overlap, slotsOf, type SlotRanges } from '../plan/slot-ranges';
import type { AtomicImport } from './atomic-imports';
import { History } from './history';

/** A place in what a node says as the owner: how much it had said by then, at most; Infinity until that is known. */
export interface Fence {
  readonly nodeId: string;
  readonly from: number;
}

/** The first word of a slot that is not known to be the node's own, and where the owner of the slot was then. */
export interface Suspicion {
  readonly slot: number;
  readonly fence: Fence;
}

/** An atomic import, and what has been heard of it. */
export interface RunningImport {
  readonly job: AtomicImport;
  /** When it began, at the latest (ms). */
  readonly since: number;
  /** What its source has said since came when the copy had begun, and is a part of it. */
  readonly fence: Fence | undefined;
  /** Prints of what is known to be of it, and how many of these before all data had been copied, if they had been. */
  heard(slots: ReadonlySet<number>): { readonly imported: readonly number[]; readonly copied: number | undefined };
}

export interface ImportTrailsHost {
  /** An import by the atomic way is heard of; it may be over. */
  importing(job: AtomicImport): void;
  /** Some of it has been heard. @returns where its source is now. */
  copying(job: AtomicImport): Fence | undefined;
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
  /** How much had been hidden when it had surely begun: some of that may be of another before it. */
  readonly begunFrom: number | undefined;
  readonly fence: Fence | undefined;
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
   * @param suspicion what has led to the question.
   */
  follow(jobs: readonly AtomicImport[], lag: number, suspicion?: Suspicion): void {
    for (const id of this.#trails.keys()) if (!jobs.some(job => job.id === id)) this.#trails.delete(id);
    for (const job of jobs) {
      const { id, isOver, isCopied, isGivenUp } = job;
      const trail = this.#trails.get(id);
      // One that failed may be tried again from the beginning.
      const isAnew = isGivenUp || (trail?.copiedFrom !== undefined && !isOver && !isCopied);
      if (trail && !isAnew) continue;
      const isOnly = !trail && jobs.every(other => other === job || !overlap(other.slots, job.slots));
      const fence = isOnly && suspicion && isOf(job, suspicion) ? suspicion.fence : undefined;
      this.#trails.set(id, { ...this.#begin(lag), isGivenUp, fence });
      if (!isGivenUp) this.#host.importing(job);
      else if (!trail?.isGivenUp) this.#host.abandoned(job);
    }
  }

  /** Which go on while their slots are not the node's own yet, and of which have all data been copied? */
  place(view: OwnView, jobs: readonly AtomicImport[]): void {
    for (const job of jobs) {
      const { id, slots, isOver, isGivenUp, isCopied } = job;
      const trail = this.#trails.get(id)!;
      const isOwn = slots.some(([from]) => inRanges(view.slots, from));
      if (isOwn || isOver) {
        const isMissed = !isOwn && view.isPrimary && !isGivenUp && !trail.isPast;
        if (isMissed) this.#host.missed(slots, trail.since);
        this.#trails.set(id, { ...trail, isPast: true });
        continue;
      }
      const copiedFrom = isCopied ? (trail.copiedFrom ?? this.#hidden.count) : undefined;
      const begunFrom = trail.begunFrom ?? this.#hidden.count;
      const fence = trail.fence ?? (this.#isHeard(job, begunFrom) ? this.#host.copying(job) : undefined);
      this.#trails.set(id, { ...trail, copiedFrom, begunFrom, fence });
    }
  }

  #isHeard({ slots }: AtomicImport, from: number): boolean {
    return this.#hidden.count > from && this.#hidden.saidFrom(from, new Set(slotsOf(slots))).length > 0;
  }

  /** Those that have not been given up. */
  of(jobs: readonly AtomicImport[]): readonly RunningImport[] {
    return jobs
      .filter(({ isGivenUp }) => !isGivenUp)
      .map(job => {
        const { since, from, copiedFrom, fence } = this.#trails.get(job.id) ?? this.#begin(0);
        const heard = (slots: ReadonlySet<number>) => {
          const imported = this.#hidden.saidFrom(from, slots);
          if (copiedFrom === undefined) return { imported, copied: undefined };
          return { imported, copied: imported.length - this.#hidden.saidFrom(copiedFrom, slots).length };
        };
        return { job, since, fence, heard };
      });
  }

  #begin(lag: number): Trail {
    return {
      since: Date.now() - lag,
      from: this.#hidden.count,
      copiedFrom: undefined,
      begunFrom: undefined,
      fence: undefined,
      isPast: false,
      isGivenUp: false
    };
  }
}

function isOf({ slots, sourceId }: AtomicImport, { slot, fence }: Suspicion): boolean {
  return inRanges(slots, slot) && fence.nodeId === sourceId;
}
