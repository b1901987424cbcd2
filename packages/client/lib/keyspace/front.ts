import type { Connect } from './nodes/node-link';
import type { NodeAsker } from './nodes/notify-config';
import type { TopologySource } from './nodes/topology-watcher';
import type { RescanHost } from './rescan/rescan';

/** What each client type adds: how to find its servers and to connect to them, and what it calls its own. */
export interface Front extends TopologySource, NodeAsker {
  readonly kind: 'client' | 'pool' | 'cluster' | 'sentinel';
  readonly connect: Connect;
  /** A connection on which nothing is subscribed, for many questions. */
  openForScan(...args: [...Parameters<RescanHost['open']>, timeout: number]): ReturnType<RescanHost['open']>;
  readonly keyPrefix: Buffer;
  /** By what node-redis' diagnostics name the client, if they do. */
  readonly clientId?: string;
  /** Of a cluster. @default false */
  readonly isSharded?: boolean;
  /** @throws upstream's own errors when the client is not connected. */
  assertOpen(): void;
  /** Called before anything else is used: a pool shows its options by a pooled client only. */
  learn?(): Promise<void>;
  /** Called before the first subscription and before each that names other databases. */
  prepare(databases: readonly number[]): Promise<void>;
  readonly defaultDatabase: number;
  /** Ours knows of a change: let the client's own view follow. */
  onTopology?(): void;
  /** Gives an error to whoever listens to the client. */
  reportError(error: unknown): void;
}
