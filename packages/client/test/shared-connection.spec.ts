import assert from 'node:assert/strict';
import { matrix, waitFor } from '@redis-keyspace/test-utils';
import { KeyspaceUnsupportedError } from '../index';
import { NETWORK_ERRORS } from './error-log';
import { Recorder } from './recorder';
import { clientConnections, patternCount } from './server-side';
import { StandaloneSuite } from './standalone-suite';

const KEYSPACE = { shareConnection: true };

matrix('shareConnection', binary => {
  const suite = new StandaloneSuite(binary);
  const ignore = () => undefined;
  const refuses = (message: RegExp) => (error: unknown) => {
    assert(error instanceof KeyspaceUnsupportedError, String(error));
    assert.equal(error.code, 'KEYSPACE_UNSUPPORTED');
    assert.match(error.message, message);
    return true;
  };

  it('is refused with RESP 2, and the client goes on', async () => {
    const client = await suite.connect({ keyspace: KEYSPACE, RESP: 2 });
    await assert.rejects(client.subscribeKeyspace('a', ignore), refuses(/RESP 3.*RESP: 2/));
    assert.equal(await client.ping(), 'PONG');
  });

  it('is refused to a pool', async () => {
    await assert.rejects(suite.clients.pool(suite.server, { keyspace: KEYSPACE }), refuses(/not for a pool/));
  });

  if (!binary.supports('pushesBetweenReplies')) {
    it('is refused, naming the version, by a server that may push into the reply of EXEC', async () => {
      const client = await suite.connect({ keyspace: KEYSPACE });
      await assert.rejects(client.subscribeKeyspace('a', ignore), refuses(/Redis >= 7\.2.*redis_version:7\.0/));
      assert.equal(await client.ping(), 'PONG');
    });
    return;
  }

  it('hears on the only connection that there is', async () => {
    const client = await suite.connect({ keyspace: KEYSPACE });
    const connections = await clientConnections(suite.server);
    const recorder = new Recorder();
    const subscription = await client.subscribeKeyspace('shared:*', recorder.listen);
    assert.equal(await clientConnections(suite.server), connections);
    await client.set('shared:1', 'value');
    await suite.write('shared:2');
    await subscription.fence();
    recorder.assertOnceEach(['shared:1', 'shared:2']);
    await subscription.unsubscribe();
    assert.equal(await patternCount(suite.server), 0);
    assert.equal(await client.get('shared:1'), 'value');
  });

  it('goes beside the user’s own subscriptions of the same names', async () => {
    const client = await suite.connect({ keyspace: KEYSPACE });
    const pattern = '__keyspace@0__:both:*';
    const own: string[] = [];
    await client.pSubscribe(pattern, (message, channel) => own.push(`${channel} ${message}`));
    const recorder = new Recorder();
    const subscription = await client.subscribeKeyspace('both:*', recorder.listen);
    await suite.write('both:1');
    await subscription.fence();
    recorder.assertOnceEach(['both:1']);
    assert.deepEqual(own, ['__keyspace@0__:both:1 set']);

    await subscription.unsubscribe();
    await suite.write('both:2');
    await client.ping();
    recorder.assertOnceEach(['both:1']);
    assert.equal(own.length, 2);

    const again = await client.subscribeKeyspace('both:*', recorder.listen);
    await client.pUnsubscribe('unrelated');
    await suite.write('both:3');
    await again.fence();
    recorder.assertOnceEach(['both:1', 'both:3']);
    await client.pUnsubscribe(pattern);
    assert.equal(own.length, 3);
  });

  it('tells a gap when the user unsubscribes the same name, and hears again', async () => {
    const client = await suite.connect({ keyspace: KEYSPACE });
    const pattern = '__keyspace@0__:theirs:*';
    const recorder = new Recorder();
    await client.pSubscribe(pattern, ignore);
    const subscription = recorder.follow(await client.subscribeKeyspace('theirs:*', recorder.listen));
    await client.pUnsubscribe(pattern);
    assert.equal(recorder.gaps.length, 1);
    await waitFor('the gap to be over', () => recorder.recovered.length);
    await suite.write('theirs:1');
    await subscription.fence();
    recorder.assertOnceEach(['theirs:1']);
  });

  it('hears what transactions on the same connection do, and their replies stay whole', async () => {
    const client = await suite.connect({ keyspace: KEYSPACE });
    const recorder = new Recorder();
    const subscription = await client.subscribeKeyspace('multi:*', recorder.listen);
    const rounds = Array.from({ length: 50 }, (_, index) => `multi:${index}`);
    const replies = await Promise.all(
      rounds.map(key => client.multi().set(key, '1').incr(key).get(key).del(key).exec())
    );
    for (const reply of replies) assert.deepEqual(reply, ['OK', 2, '2', 1]);
    await subscription.fence();
    assert.deepEqual(
      recorder.heard.map(({ event, key }) => `${event} ${key}`),
      rounds.flatMap(key => ['set', 'incrby', 'del'].map(event => `${event} ${key}`))
    );
  });

  it('tells the gap of a reconnection, and hears afterwards', async () => {
    const client = await suite.connect({ keyspace: KEYSPACE, expects: NETWORK_ERRORS });
    const recorder = new Recorder();
    const subscription = recorder.follow(await client.subscribeKeyspace('re:*', recorder.listen));
    await suite.server.restart();
    await waitFor('the gap to be over', () => recorder.recovered.length);
    await suite.write('re:1');
    await subscription.fence();
    recorder.assertOnceEach(['re:1']);
    assert.deepEqual(
      recorder.gaps.map(({ reason }) => reason),
      ['disconnected']
    );
    assert.equal(await patternCount(suite.server), 1);
  });
});
