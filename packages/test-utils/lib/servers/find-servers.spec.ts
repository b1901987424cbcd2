import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServersUnavailableError, TestKitUsageError } from '../errors';
import { findServer, findServers } from './find-servers';
import { readManifest, writeManifest } from './manifest';
import { createServerBinary, type ServerRecord } from './server-binary';

const record = (product: 'redis' | 'valkey', version: string): ServerRecord => ({
  product,
  version,
  command: [process.execPath],
  source: 'path'
});

describe('find servers', () => {
  let cache: string;

  beforeEach(() => {
    cache = mkdtempSync(join(tmpdir(), 'find-spec-'));
    const servers = [record('redis', '7.0.15'), record('redis', '8.6.3'), record('valkey', '9.1.2')];
    writeManifest(cache, { format: 1, servers, missing: ['redis9: not yet'] });
  });

  afterEach(() => {
    rmSync(cache, { recursive: true });
  });

  it('takes all the servers of the manifest', async () => {
    const labels = (await findServers({ cache, ids: ['redis7', 'redis8', 'valkey9'] })).map(({ label }) => label);
    assert.deepEqual(labels, ['Redis 7.0.15', 'Redis 8.6.3', 'Valkey 9.1.2']);
  });

  it('keeps only the columns asked for', async () => {
    assert.deepEqual(
      (await findServers({ cache, ids: ['valkey9'] })).map(({ id }) => id),
      ['valkey9']
    );
  });

  it('shows the newest Redis first', async () => {
    assert.equal((await findServer({ cache, ids: ['redis7', 'redis8', 'valkey9'] })).label, 'Redis 8.6.3');
  });

  it('says what was tried when there is none', async () => {
    await assert.rejects(findServers({ cache, ids: ['redis9'] }), (error: unknown) => {
      assert(error instanceof ServersUnavailableError);
      assert.equal(error.code, 'SERVERS_UNAVAILABLE');
      assert.match(error.message, /"redis9"[\s\S]*apt-get install redis-server[\s\S]*not yet/);
      return true;
    });
  });

  it('refuses a KEYSPACE_SERVERS that makes no sense, and quotes it', async () => {
    const before = process.env.KEYSPACE_SERVERS;
    process.env.KEYSPACE_SERVERS = 'redis8,memcached';
    try {
      await assert.rejects(findServers({ cache }), (error: unknown) => {
        assert(error instanceof TestKitUsageError);
        return /"memcached"/.test(error.message);
      });
    } finally {
      process.env.KEYSPACE_SERVERS = before ?? '';
    }
  });

  it('does not believe a manifest whose files have gone', () => {
    writeManifest(cache, {
      format: 1,
      servers: [{ ...record('redis', '8.0.0'), command: ['/gone/redis-server'] }],
      missing: []
    });
    assert.equal(readManifest(cache), undefined);
  });
});

describe('server binary', () => {
  const cases = [
    ['redis', '7.0.15', 'atomicSlotMigration', false],
    ['redis', '8.6.3', 'atomicSlotMigration', true],
    ['valkey', '9.1.2', 'atomicSlotMigration', true],
    ['redis', '8.6.3', 'clusterDatabases', false],
    ['valkey', '9.1.2', 'clusterDatabases', true],
    ['redis', '7.0.15', 'promotionMarker', false],
    ['redis', '7.4.0', 'promotionMarker', true],
    ['valkey', '8.0.0', 'promotionMarker', false],
    ['redis', '8.10.0', 'subkeys', true],
    ['valkey', '9.1.2', 'subkeys', false]
  ] as const;
  for (const [product, version, feature, expected] of cases) {
    it(`${product} ${version} ${expected ? 'has' : 'lacks'} ${feature}`, () => {
      assert.equal(createServerBinary(record(product, version)).supports(feature), expected);
    });
  }
});
