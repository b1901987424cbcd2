/**
 * The names that the snippets of README.md and docs/ may use without making them: what an application that uses this
 * library has at hand. A snippet that declares one of them itself means its own.
 */
import type { createClient, createClientPool, createCluster, createSentinel } from 'redis-keyspace';

declare global {
  const client: ReturnType<typeof createClient>;
  const pool: ReturnType<typeof createClientPool>;
  const cluster: ReturnType<typeof createCluster>;
  const sentinel: ReturnType<typeof createSentinel>;
  const cache: Map<string, unknown>;
  const controller: AbortController;
  function onExpired(key: string): Promise<void>;
  function handle(...values: unknown[]): Promise<void>;
}
