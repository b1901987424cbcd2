import type { Message } from '../delivery/dispatcher';
import type { OwnView } from '../plan/own-view';
import { inRanges, overlap, slotsOf, type SlotRanges } from '../plan/slot-ranges';
import type { AtomicImport } from './atomic-imports';
import { History } from './history';
import type { EndedImport } from './import-cut';

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
  /** What its source said from a place on came when so much of it had been heard, and is a part of it. */
  fences(slots: ReadonlySet<number>): readonly { readonly from: number; readonly after: number }[];
  /** Of what is known to be of it. */
  heard(slots: ReadonlySet<number>): Pick<EndedImport, 'imported' | 'copied'>;
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

/** So many places of the source are kept of one import, the last: what was said since the first may be more than is kept. */
const MOST_FENCES = 100;

interface Trail {
  readonly since: number;
  /** How much had been hidden when it began, and when all data had been copied. */
  readonly from: number;
  readonly copiedFrom: number | undefined;
  /** How much had been hidden when it had surely begun: some of that may be of another before it. */
  readonly begunFrom: number | undefined;
  /** Where its source was, and how much had been hidden before. */
  readonly fences: readonly { readonly fence: Fence; readonly at: number }[];
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
      const begun = this.#begin(lag);
      const isFenced = isOnly && suspicion && isOf(job, suspicion);
      const fences = isFenced ? [{ fence: suspicion.fence, at: begun.from }] : [];
      this.#trails.set(id, { ...begun, isGivenUp, fences });
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
      const fences = this.#fencesOf(job, trail, begunFrom);
      this.#trails.set(id, { ...trail, copiedFrom, begunFrom, fences });
    }
  }

  /** One after the other, as long as it is heard. */
  #fencesOf(job: AtomicImport, { fences }: Trail, begunFrom: number): Trail['fences'] {
    const isNeeded = fences.at(-1)?.fence.from !== Infinity;
    const hasBegun = fences.length > 0 || job.isCopied || this.#isHeard(job, begunFrom);
    const fence = isNeeded && hasBegun ? this.#host.copying(job) : undefined;
    return fence ? [...fences, { fence, at: this.#hidden.count }].slice(-MOST_FENCES) : fences;
  }

  #isHeard({ slots }: AtomicImport, from: number): boolean {
    return this.#hidden.count > from && this.#hidden.saidFrom(from, new Set(slotsOf(slots))).length > 0;
  }

  /** Those that have not been given up. */
  of(jobs: readonly AtomicImport[]): readonly RunningImport[] {
    return jobs
      .filter(({ isGivenUp }) => !isGivenUp)
      .map(job => {
        const { since, from, copiedFrom, fences: known } = this.#trails.get(job.id) ?? this.#begin(0);
        const heard = (slots: ReadonlySet<number>) => {
          const imported = this.#hidden.saidFrom(from, slots);
          const after = copiedFrom === undefined ? undefined : this.#hidden.saidFrom(copiedFrom, slots).length;
          return { imported, copied: after === undefined ? undefined : imported.length - after };
        };
        const fences = (slots: ReadonlySet<number>) => {
          const all = this.#hidden.saidFrom(from, slots).length;
          return known.map(({ fence, at }) => ({
            from: fence.from,
            after: all - this.#hidden.saidFrom(at, slots).length
          }));
        };
        return { job, since, fences, heard };
      });
  }

  #begin(lag: number): Trail {
    return {
      since: Date.now() - lag,
      from: this.#hidden.count,
      copiedFrom: undefined,
      begunFrom: undefined,
      fences: [],
      isPast: false,
      isGivenUp: false
    };
  }
}

function isOf({ slots, sourceId }: AtomicImport, { slot, fence }: Suspicion): boolean {
  return inRanges(slots, slot) && fence.nodeId === sourceId;
}
