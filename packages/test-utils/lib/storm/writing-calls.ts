import type { SlotRange } from '../cluster/slot-ranges';
import type { LifeSource } from './key-life';
import type { Account } from './ledger';
import type { WriterOptions } from './writers';

/** What writers in a process of their own need to know. */
export interface WritingOrders extends Omit<LifeSource, 'random'> {
  /** Where their client begins. */
  readonly rootNodes: { url: string }[];
  /** Of their Random. */
  readonly seed: number;
  readonly focus: readonly number[];
  readonly options: WriterOptions;
}

/** What a storm asks of the process that writes. */
export interface WritingCalls {
  /** @returns the counters */
  begin(orders: WritingOrders): Promise<readonly string[]>;
  start(): void;
  /** Resolves when the last write has got its answer, or its time is over. */
  stop(): Promise<void>;
  hasWrittenSince(time: number, slots: readonly SlotRange[]): boolean;
  /** The next part of what was entered; one without histories is the last. */
  account(): Account;
}

export type CallName = keyof WritingCalls;

/** Message from the storm. */
export interface Call<N extends CallName = CallName> {
  readonly id: number;
  readonly name: N;
  readonly args: Parameters<WritingCalls[N]>;
}

/** Message to the storm: `error` where the call has failed. */
export interface CallAnswer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}
