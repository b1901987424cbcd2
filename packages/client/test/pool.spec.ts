import assert from 'node:assert/strict';
import { createClientPool } from '@redis/client';
import { matrix, waitFor } from '@redis-keyspace/test-utils';
import { withKeyspace } from '../index';
import { NETWORK_ERRORS } from './error-log';
import { Recorder } from './recorder';
import { subscriberConnections } from './server-side';
import { StandaloneSuite } from './standalone-suite';

matrix('a pool', binary => {
  const suite = new StandaloneSuite(binary);
  const connect = (options?: Parameters<(typeof suite.clients)['pool']>[1]) =>
    suite.clients.pool(suite.server, options);

  it('hears on one dedicated connection, however many clients it has', async () => {
    const pool = await connect();
    const [byKey, byEvent] = [new Recorder(), new Recorder()];
    await pool.subscribeKeyspace('pool:*', byKey.listen);
    const subscription = await pool.subscribeKeyevent('set', byEvent.listen);
    const keys = Array.from({ length: 50 }, (_, index) => `pool:${index}`);
    await Promise.all(keys.map(key => pool.set(key, 'value')));
    await subscription.fence();
    byKey.assertOnceEach(keys);
    byEvent.assertOnceEach(keys);
    assert.deepEqual(await subscriberConnections(suite.server), [{ sub: 1, psub: 1 }]);
  });

  it('connects with the user, the password and the database of its options', async () => {
    await suite.server.command('ACL', 'SETUSER', 'pooled', 'on', '>secret', '~*', '&*', '+@all');
    const url = suite.server.url.replace('redis://', 'redis://pooled:secret@');
    for (const options of [{ username: 'pooled', password: 'secret', database: 4 }, { url: `${url}/4` }]) {
      const pool = await connect(options);
      const recorder = new Recorder();
      const subscription = await pool.subscribeKeyspace('own:*', recorder.listen);
      assert.match(String(await suite.server.command('CLIENT', 'LIST', 'TYPE', 'pubsub')), / user=pooled /);
      await pool.set('own:1', 'value');
      await suite.write('own:2');
      await subscription.fence();
      assert.deepEqual(
        recorder.heard.map(({ key, database }) => [key, database]),
        [['own:1', 4]]
      );
      pool.destroy();
    }
  });

  it('applies and strips its keyPrefix', async () => {
    const pool = await connect({ keyPrefix: 'pre:' });
    const recorder = new Recorder();
    const subscription = await pool.subscribeKeyspace('*', recorder.listen);
    await suite.write('pre:1', '2');
    await subscription.fence();
    recorder.assertOnceEach(['1']);
  });

  for (const ending of ['close', 'destroy'] as const) {
    it(`ends everything with ${ending}()`, async () => {
      const pool = await connect();
      const stream = await pool.subscribeKeyevent('set');
      await pool[ending]();
      for await (const _ of stream) assert.fail('nothing comes after the end');
      await waitFor('nothing to be left', async () => (await subscriberConnections(suite.server)).length === 0);
      await assert.rejects(
        pool.subscribeKeyevent('set', () => undefined),
        { message: 'The client is closed' }
      );
    });
  }

  it("rejects with upstream's own error before connect()", async () => {
    const pool = withKeyspace(createClientPool({ url: suite.server.url }));
    await assert.rejects(
      pool.subscribeKeyspace('a', () => undefined),
      { message: 'The client is closed' }
    );
  });

  it('tells a gap when the server restarts, and hears afterwards', async () => {
    const pool = await connect({ expects: NETWORK_ERRORS });
    const recorder = new Recorder();
    const subscription = recorder.follow(await pool.subscribeKeyspace('back:*', recorder.listen));
    await suite.server.restart();
    await waitFor('the gap to be over', () => recorder.recovered.length);
    await suite.write('back:1');
    await subscription.fence();
    recorder.assertOnceEach(['back:1']);
    assert.deepEqual(
      recorder.gaps.map(({ reason }) => reason),
      ['disconnected']
    );
  });

  it('reports what a listener throws by its own `error`', async () => {
    const pool = await connect({ expects: /thrown/ });
    const reported = new Promise(resolve => pool.once('error', resolve));
    const error = new Error('thrown');
    await pool.subscribeKeyspace('bad', () => {
      throw error;
    });
    await suite.write('bad');
    assert.equal(await reported, error);
  });
});
