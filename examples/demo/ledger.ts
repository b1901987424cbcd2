import type { KeyNotification, KeyspaceGap } from 'redis-keyspace';

/** One notification that a write must cause, or that came. */
interface Entry {
  readonly event: string;
  readonly slot: number;
  sentAt: number;
  /** 0 as long as the write has not been acknowledged. */
  acknowledgedAt: number;
  heard: number;
}

export interface Summary {
  /** Notifications that acknowledged writes must have caused. */
  readonly written: number;
  /** Of these. */
  readonly heard: number;
  /** Notifications of what no acknowledged write caused, by event: keys that expired, writes whose answer was lost. */
  readonly others: ReadonlyMap<string, number>;
  readonly lostInGaps: number;
  readonly lostOutside: number;
  /** Notifications of acknowledged writes that came once more. */
  readonly repeated: number;
  readonly gaps: readonly KeyspaceGap[];
}

/**
 * Compares what was written with what is heard. Every write has a key and event of its own, so that each
 * notification can be told from all others.
 */
export class Ledger {
  readonly #entries = new Map<string, Entry>();
  readonly #gaps: KeyspaceGap[] = [];
  readonly #slotOf: (key: string) => number;

  constructor(slotOf: (key: string) => number) {
    this.#slotOf = slotOf;
  }

  /** A write that causes this event has been acknowledged. */
  wrote(event: string, key: string, sentAt: number, acknowledgedAt: number): void {
    Object.assign(this.#entry(event, key), { sentAt, acknowledgedAt });
  }

  heard({ event, key }: Pick<KeyNotification, 'event' | 'key'>): void {
    this.#entry(event, key).heard++;
  }

  gap(gap: KeyspaceGap): void {
    this.#gaps.push(gap);
  }

  recovered(gap: KeyspaceGap): void {
    const index = this.#gaps.findIndex(
      open => !open.until && open.node === gap.node && open.reason === gap.reason && +open.since === +gap.since
    );
    if (index === -1) this.#gaps.push(gap);
    else this.#gaps[index] = gap;
  }

  summary(): Summary {
    const entries = [...this.#entries.values()];
    const written = entries.filter(({ acknowledgedAt }) => acknowledgedAt);
    const lost = written.filter(({ heard }) => !heard);
    const lostInGaps = lost.filter(entry => this.#gaps.some(gap => isIn(gap, entry))).length;
    return {
      written: written.length,
      heard: written.length - lost.length,
      others: countByEvent(entries.filter(({ acknowledgedAt }) => !acknowledgedAt)),
      lostInGaps,
      lostOutside: lost.length - lostInGaps,
      repeated: written.reduce((sum, { heard }) => sum + Math.max(0, heard - 1), 0),
      gaps: [...this.#gaps]
    };
  }

  #entry(event: string, key: string): Entry {
    const id = `${event} ${key}`;
    let entry = this.#entries.get(id);
    if (!entry) {
      entry = { event, slot: this.#slotOf(key), sentAt: 0, acknowledgedAt: 0, heard: 0 };
      this.#entries.set(id, entry);
    }
    return entry;
  }
}

function countByEvent(entries: readonly Entry[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { event, heard } of entries) counts.set(event, (counts.get(event) ?? 0) + heard);
  return counts;
}

/** The write happened at some moment between sending and acknowledgement. */
function isIn({ slots, since, until }: KeyspaceGap, { slot, sentAt, acknowledgedAt }: Entry): boolean {
  const concerned = !slots.length || slots.some(([from, to]) => from <= slot && slot <= to);
  return concerned && acknowledgedAt >= +since && sentAt <= (until ? +until : Infinity);
}
