import { slotOf } from '../cluster/slot-key';
import type { SlotRange } from '../cluster/slot-ranges';

/** One notification that a write causes. */
export interface Expectation {
  readonly event: string;
  readonly sentAt: number;
  /** When it was acknowledged. It happened between the two. */
  readonly answeredAt: number;
  /** Whether it must be heard. One whose write got no answer may be heard or not. */
  readonly sure: boolean;
  /** When the key was written, of what comes by itself later: `expired`. */
  readonly bornAt?: number;
}

/** All that a key's only writer has done to it, in the order done. */
export interface KeyHistory {
  readonly key: string;
  readonly database: number;
  readonly slot: number;
  readonly expected: Expectation[];
}

/** Data that a step of the scenario may take back behind everybody's back. */
export interface Doubt {
  readonly name: string;
  readonly since: number;
  until: number;
  /** The slots concerned. Empty: all. */
  readonly slots: readonly SlotRange[];
  /** Keys that may be gone, so that they may never expire; or what was acknowledged too. */
  readonly reach: 'expiry' | 'writes';
}

/** What one write has caused, or may have. */
export interface WriteRecord {
  readonly key: string;
  readonly database?: number;
  readonly events: readonly string[];
  readonly sentAt: number;
  readonly answeredAt: number;
  /** False when it failed in a way that leaves open whether it was done. */
  readonly acknowledged: boolean;
  /** What happens to the key by itself, so many ms after the write was sent. */
  readonly later?: { readonly event: string; readonly after: number };
}

/** A ledger, or a part of one, on its way from one process to another. */
export interface Account {
  readonly histories: readonly KeyHistory[];
  readonly acknowledged: number;
  readonly unknown: number;
  readonly refused: number;
  readonly lastDue: number;
}

/**
 * How late a server may be to notice that a key, or a field, has expired: a primary that is paused for its failover
 * does not look, for up to 5 s.
 */
const EXPIRY_SLACK = 6_000;

/** Whether a slot is among these; no slots mean all. */
export function contains(slots: readonly SlotRange[], slot: number): boolean {
  return slots.length === 0 || slots.some(([from, to]) => from <= slot && slot <= to);
}

/** The writers' own account: what a perfect listener hears. */
export class Ledger {
  readonly #histories = new Map<string, KeyHistory>();
  /** When the last write of each slot was sent that was acknowledged. */
  readonly #lastSent = new Map<number, number>();
  readonly doubts: Doubt[] = [];
  /** Writes that got their answer, writes that got none, and writes that a server refused. */
  acknowledged = 0;
  unknown = 0;
  refused = 0;
  /** Until then something happens by itself. */
  lastDue = 0;

  get histories(): readonly KeyHistory[] {
    return [...this.#histories.values()];
  }

  write({ key, database = 0, events, sentAt, answeredAt, acknowledged, later }: WriteRecord): void {
    if (acknowledged) {
      this.acknowledged++;
    } else {
      this.unknown++;
    }
    const { expected, slot } = this.#history(key, database);
    if (acknowledged) {
      this.#sent(slot, sentAt);
    }
    for (const event of events) {
      expected.push({ event, sentAt, answeredAt, sure: acknowledged });
    }
    if (later) {
      const dueAt = sentAt + later.after;
      this.lastDue = Math.max(this.lastDue, dueAt);
      expected.push({
        event: later.event,
        sentAt: dueAt,
        answeredAt: Math.max(dueAt, answeredAt) + EXPIRY_SLACK,
        sure: acknowledged,
        bornAt: sentAt
      });
    }
  }

  /** From now on, until `settled` is called, what the servers hold or say of these slots may be taken back. */
  doubt(name: string, slots: readonly SlotRange[], reach: Doubt['reach'] = 'expiry', since = Date.now()): () => void {
    const doubt: Doubt = { name, since, until: Infinity, slots, reach };
    this.doubts.push(doubt);
    return () => {
      doubt.until = Date.now();
    };
  }

  /** Whether a write of one of these slots was sent after that time, and acknowledged. */
  hasWrittenSince(time: number, slots: readonly SlotRange[]): boolean {
    return [...this.#lastSent].some(([slot, sentAt]) => sentAt > time && contains(slots, slot));
  }

  /** The counts and at most so many histories, which are forgotten here. */
  take(count: number): Account {
    const histories = [...this.#histories.values()].slice(0, count);
    for (const { key, database } of histories) {
      this.#histories.delete(idOf(key, database));
    }
    const { acknowledged, unknown, refused, lastDue } = this;
    this.acknowledged = this.unknown = this.refused = 0;
    return { histories, acknowledged, unknown, refused, lastDue };
  }

  /** What another ledger has taken out. Of each key, it must follow what is here. */
  merge({ histories, acknowledged, unknown, refused, lastDue }: Account): void {
    this.acknowledged += acknowledged;
    this.unknown += unknown;
    this.refused += refused;
    this.lastDue = Math.max(this.lastDue, lastDue);
    for (const { key, database, slot, expected } of histories) {
      const own = this.#history(key, database).expected;
      for (const expectation of expected) {
        own.push(expectation);
        if (expectation.sure && expectation.bornAt === undefined) {
          this.#sent(slot, expectation.sentAt);
        }
      }
    }
  }

  #sent(slot: number, at: number): void {
    this.#lastSent.set(slot, Math.max(this.#lastSent.get(slot) ?? 0, at));
  }

  #history(key: string, database: number): KeyHistory {
    const id = idOf(key, database);
    let history = this.#histories.get(id);
    if (history === undefined) {
      history = { key, database, slot: slotOf(key), expected: [] };
      this.#histories.set(id, history);
    }
    return history;
  }
}

function idOf(key: string, database: number): string {
  return `${database} ${key}`;
}
