/**
 * The names that the snippets of README.md and docs/ may use without making them: what an application that uses this
 * library has at hand. A snippet that declares one of them itself means its own. Nothing here runs.
 */
import { createClient, createClientPool, createCluster, createSentinel } from 'redis-keyspace';

const made = {
  client: () => createClient(),
  pool: () => createClientPool(),
  cluster: () => createCluster({ rootNodes: [] }),
  sentinel: () => createSentinel({ name: 'main', sentinelRootNodes: [] })
};

declare global {
  const client: ReturnType<typeof made.client>;
  const pool: ReturnType<typeof made.pool>;
  const cluster: ReturnType<typeof made.cluster>;
  const sentinel: ReturnType<typeof made.sentinel>;
  const cache: Map<string, unknown>;
  const controller: AbortController;
  function onExpired(key: string): Promise<void>;
  function handle(...values: unknown[]): Promise<void>;
}
