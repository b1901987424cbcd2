import { Command } from 'commander';
import type { SelfTest } from '../../elasticache/verify';
import type { Io } from '../../io';
import { enableCommand } from './enable';
import { provisionCommand } from './provision';
import { verifyCommand } from './verify';

export interface ElastiCacheTools {
  /** Proves that notifications come from the servers behind a URL; without it `verify` looks at AWS only. */
  readonly selfTest?: SelfTest;
}

/** `keyspace elasticache`: what CONFIG does elsewhere, which ElastiCache forbids, by parameter groups. */
export function elasticacheCommand(io: Io, { selfTest }: ElastiCacheTools = {}): Command {
  return new Command('elasticache')
    .summary('enable notifications on Amazon ElastiCache')
    .description('Keyspace notifications on Amazon ElastiCache, which forbids CONFIG: by parameter groups.')
    .helpOption('-h, --help', 'this text')
    .addCommand(enableCommand(io))
    .addCommand(verifyCommand(io, selfTest))
    .addCommand(provisionCommand(io));
}
