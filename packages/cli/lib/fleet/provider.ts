import { shellQuoted } from '../text/shell';
import type { Fleet } from './fleet';

/** Who runs the servers: what they allow, and where their settings are made, differs. */
export type Provider = 'self-hosted' | 'elasticache' | 'memorydb' | 'azure' | 'redis-cloud' | 'upstash';

const HOSTS: readonly [Provider, RegExp][] = [
  ['memorydb', /\.memorydb\.[a-z0-9-]+\.amazonaws\.com(\.cn)?$/i],
  ['elasticache', /\.cache\.amazonaws\.com(\.cn)?$/i],
  ['azure', /\.redis\.(cache\.(windows\.net|chinacloudapi\.cn|usgovcloudapi\.net)|azure\.net)$/i],
  ['redis-cloud', /\.(redislabs\.com|redis-cloud\.com|rlrcp\.com|redis\.io)$/i],
  ['upstash', /\.upstash\.io$/i]
];

/** By the names of the hosts; of a bare address nobody can tell. */
export function providerOf(hosts: readonly string[]): Provider {
  return HOSTS.find(([, pattern]) => hosts.some(host => pattern.test(host)))?.[0] ?? 'self-hosted';
}

/**
 * How notifications are switched on where CONFIG is refused.
 * @param flags empty: how they are switched off.
 */
export function remedyWithoutConfig(provider: Provider, flags: string): string {
  const setting = `notify-keyspace-events to ${flags || '""'}`;
  switch (provider) {
    case 'elasticache':
      return `set ${setting} in the parameter group of the cache (ElastiCache refuses CONFIG); it applies to all nodes${flags && `: keyspace elasticache enable --events ${shellQuoted(flags)} does it`}`;
    case 'memorydb':
      return `set ${setting} in the parameter group of the cluster (MemoryDB refuses CONFIG); it applies to all nodes`;
    case 'azure':
      return `set ${setting} in the advanced settings of the cache (Azure refuses CONFIG)`;
    case 'redis-cloud':
      return `set ${setting} in the configuration of the database (Redis Cloud)`;
    case 'upstash':
      return `set ${setting} in the configuration of the database (Upstash)`;
    case 'self-hosted':
      return `grant this user +config|get and +config|set, or set ${setting} in redis.conf; on a managed service, where it is administered (a parameter group, or the instance's configuration)`;
  }
}

/** How notifications are switched on where CONFIG is allowed. */
export function remedyWithConfig(fleet: Fleet, flags: string): string {
  const where = fleet.nodes.length > 1 ? 'on every node, replicas too' : '';
  return `keyspace enable --events ${shellQuoted(flags)} with the same connection options sets it${where && ` ${where}`}; --persist keeps it`;
}
