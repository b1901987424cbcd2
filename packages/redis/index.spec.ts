import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as redis from 'redis';
import * as client from '@redis-keyspace/client';
import * as ours from './index';

const REPLACED = ['createClient', 'createClientPool', 'createCluster', 'createSentinel'];

describe('the names of redis-keyspace', () => {
  it('are those of redis, the same values but for the four functions that make clients', () => {
    for (const [name, value] of Object.entries(redis)) {
      const own = (ours as Record<string, unknown>)[name];
      if (REPLACED.includes(name)) assert.notEqual(own, value, name);
      else assert.equal(own, value, name);
    }
  });

  it('are those of @redis-keyspace/client too', () => {
    for (const [name, value] of Object.entries(client)) {
      assert.equal((ours as Record<string, unknown>)[name], value, name);
    }
  });

  it('can all be imported by name from an ES module', () => {
    const program = `
      import { createRequire } from 'node:module';
      import * as imported from 'redis-keyspace';
      const required = createRequire(import.meta.url)('redis-keyspace');
      const wrong = Object.keys(required).filter(name => imported[name] !== required[name]);
      process.stdout.write(JSON.stringify(wrong));
    `;
    const wrong = execFileSync(process.execPath, ['--input-type=module', '--eval', program], { cwd: __dirname });
    assert.equal(String(wrong), '[]');
  });
});
