import type { SlotRange } from '../cluster/slot-ranges';

/** One notification, as it was heard. */
export interface Heard {
  readonly event: string;
  readonly key: string;
  readonly database: number;
  /** 'host:port' that said it, or '' where the listener is not told. */
  readonly node: string;
  readonly at: number;
}

/** A gap as a listener tells it: in dates, of slots; no slots mean all. */
export interface ToldGap {
  readonly reason: string;
  readonly node: string;
  readonly slots: readonly SlotRange[];
  readonly since: Date;
  readonly until: Date | undefined;
}

/** All that one listener told, in its order. */
export class Hearing {
  readonly name: string;
  readonly record: Heard[] = [];
  readonly #gaps = new Map<string, ToldGap>();
  /** Gaps that were told as recovered without ever having been told. */
  untold = 0;

  constructor(name: string) {
    this.name = name;
  }

  get gaps(): ToldGap[] {
    return [...this.#gaps.values()];
  }

  heard(event: string, key: string, database: number, node: string): void {
    this.record.push({ event, key, database, node, at: Date.now() });
  }

  gap(gap: ToldGap): void {
    this.#gaps.set(this.#freeName(gap), copyOf(gap));
  }

  recovered(gap: ToldGap): void {
    const name = [...this.#gaps].find(([, open]) => open.until === undefined && nameOf(open) === nameOf(gap))?.[0];
    if (name === undefined) {
      this.untold++;
    }
    this.#gaps.set(name ?? this.#freeName(gap), copyOf(gap));
  }

  #freeName(gap: ToldGap): string {
    return `${nameOf(gap)} #${this.#gaps.size}`;
  }
}

function nameOf({ reason, node, since, slots }: ToldGap): string {
  return `${reason} ${node} ${since.getTime()} ${JSON.stringify(slots)}`;
}

function copyOf({ reason, node, slots, since, until }: ToldGap): ToldGap {
  return { reason, node, slots, since, until };
}
