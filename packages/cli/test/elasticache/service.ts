import { ElastiCache } from '@aws-sdk/client-elasticache';
import { Service } from '../../lib/elasticache/service';
import type { FakeElastiCache } from './fake-elasticache';

const CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' };

/** The service over the real SDK, against a local server. */
export function serviceOf(fake: FakeElastiCache): Service {
  class Local extends ElastiCache {
    constructor() {
      super({ endpoint: fake.url, region: 'us-east-1', credentials: CREDENTIALS });
    }
  }
  return new Service({ ElastiCache: Local });
}

/** A wait as short as a test can bear. */
export const SHORT_WAIT = { interval: 1, timeout: 5_000 } as const;
