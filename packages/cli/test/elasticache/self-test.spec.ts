import assert from 'node:assert/strict';
import { matrix, startStandalone, type RedisServer } from '@redis-keyspace/test-utils';
import { doctorSelfTest } from '../../lib/commands/elasticache/doctor-self-test';
import { FakeIo } from '../support/fake-io';

matrix('the self-test of keyspace elasticache verify', binary => {
  let server: RedisServer;
  before(async () => {
    // As on ElastiCache, nobody may CONFIG.
    const user = ['default on >secret ~* &* +@all -config', 'reader on >secret ~* &* +@read +@pubsub +@connection'];
    server = await startStandalone(binary, { config: { 'notify-keyspace-events': 'Ex', user } });
  });
  after(() => server.stop());

  const run = (letters: string, env: Record<string, string> = { KEYSPACE_PASSWORD: 'secret' }) =>
    doctorSelfTest(new FakeIo({ env }))(server.url, letters);

  it('passes when what the letters promise is heard, however little that is', async () => {
    const { passed, details } = await run('Ex');
    assert.match(details.join('\n'), /: said expired by event/);
    assert.equal(passed, true);
  });

  it('fails when letters promise more than is heard', async () => {
    const { passed, details } = await run('KEx');
    assert.match(details.join('\n'), /: did not say expired by key/);
    assert.equal(passed, false);
  });

  it('does not pass where nothing could be tried', async () => {
    const { passed, details } = await run('Ex', { KEYSPACE_USER: 'reader', KEYSPACE_PASSWORD: 'secret' });
    assert.match(details.join('\n'), /: cannot be tried: NOPERM/);
    assert.equal(passed, false);
  });

  it('rejects with what the server says to the user', async () => {
    await assert.rejects(run('Ex', { KEYSPACE_PASSWORD: 'wrong' }), /WRONGPASS/);
  });
});
