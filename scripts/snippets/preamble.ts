/**
 * The names that the snippets of README.md and docs/ may use without making them: what an application that uses this
 * library has at hand. A snippet that declares one of them itself means its own. Nothing here runs.
 */
import { createClient, createClientPool, createCluster, createSentinel } from 'redis-keyspace';

// A function, so that each has the type that these calls give an application.
export function make() {
  return {
    client: createClient(),
    pool: createClientPool(),
    cluster: createCluster({ rootNodes: [] }),
    sentinel: createSentinel({ name: 'main', sentinelRootNodes: [] })
  };
}

type Made = ReturnType<typeof make>;

declare global {
  const client: Made['client'];
  const pool: Made['pool'];
  const cluster: Made['cluster'];
  const sentinel: Made['sentinel'];
  const cache: Map<string, unknown>;
  const controller: AbortController;
  function onExpired(key: string): Promise<void>;
  function handle(...values: unknown[]): Promise<void>;
}
