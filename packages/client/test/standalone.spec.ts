import assert from 'node:assert/strict';
import { createClient } from '@redis/client';
import { matrix } from '@redis-keyspace/test-utils';
import { withKeyspace } from '../index';
import { Recorder } from './recorder';
import { patternCount } from './server-side';
import { StandaloneSuite } from './standalone-suite';

const pairs = ({ heard }: Recorder) => heard.map(({ event, key }) => `${event} ${key}`);

matrix('a single client', binary => {
  const suite = new StandaloneSuite(binary);

  it('hears a key with all that is known of it, and the channel that brought it', async () => {
    const client = await suite.connect();
    const calls: unknown[] = [];
    const subscription = await client.subscribeKeyspace('user:1', (...args) => calls.push(args));
    assert.deepEqual({ ...subscription.coverage }, { slots: 16_384, nodes: [suite.server.address], complete: true });
    await suite.write('user:1', 'user:2');
    await subscription.fence();
    const { address: node } = suite.server;
    assert.deepEqual(calls, [
      [{ kind: 'keyspace', event: 'set', key: 'user:1', database: 0, subkeys: [], node }, '__keyspace@0__:user:1']
    ]);
  });

  for (const [title, options] of [
    ['options.database', { database: 7 }],
    ["the URL's path", { url: '/7' }]
  ] as const) {
    it(`hears the database that ${title} names`, async () => {
      const url = suite.server.url + ('url' in options ? options.url : '');
      const client = await suite.connect({ ...options, url });
      const recorder = new Recorder();
      await client.subscribeKeyspace('own:*', recorder.listen);
      await client.set('own:key', 'value');
      await suite.write('own:other');
      await client.keyspace.fence();
      assert.deepEqual(
        recorder.heard.map(({ key, database }) => [key, database]),
        [['own:key', 7]]
      );
    });
  }

  it('puts the keyPrefix before every target and strips it, so that client.get(notification.key) works', async () => {
    const client = await suite.connect({ keyPrefix: 'app:' });
    const [exact, pattern, prefix, event] = [new Recorder(), new Recorder(), new Recorder(), new Recorder()];
    await client.subscribeKeyspace('cart', exact.listen);
    await client.subscribeKeyspace('c?rt', pattern.listen);
    await client.subscribeKeyspace({ prefix: 'ca' }, prefix.listen);
    await client.subscribeKeyevent('set', event.listen, { keys: 'car*' });
    await suite.write('cart', 'app:cart', 'app:app:cart');
    await client.keyspace.fence();
    for (const recorder of [exact, pattern, prefix, event]) assert.deepEqual(pairs(recorder), ['set cart']);
    assert.equal(await client.get(exact.heard[0].key), 'value');
  });

  it('takes glob characters of a keyPrefix as themselves', async () => {
    const keyPrefix = 'a*[b]?\\:';
    const client = await suite.connect({ keyPrefix });
    const [exact, pattern, event] = [new Recorder(), new Recorder(), new Recorder()];
    await client.subscribeKeyspace('key', exact.listen);
    await client.subscribeKeyspace('k*', pattern.listen);
    await client.subscribeKeyevent('*', event.listen);
    await suite.write(`${keyPrefix}key`, 'a1bx:key', 'aa*[b]?\\:key');
    await client.keyspace.fence();
    for (const recorder of [exact, pattern, event]) assert.deepEqual(pairs(recorder), ['set key']);
  });

  it('tells by event only of keys that have the keyPrefix', async () => {
    const client = await suite.connect({ keyPrefix: 'mine:' });
    const recorder = new Recorder();
    await client.subscribeKeyevent(['set', 'del'], recorder.listen);
    await suite.write('mine', 'mine:', 'mine:1', 'min', 'theirs:mine:1', 'MINE:1');
    await suite.server.command('DEL', 'mine:1', 'mine', 'theirs:mine:1');
    await client.keyspace.fence();
    assert.deepEqual(pairs(recorder), ['set ', 'set 1', 'del 1']);
  });

  it('leaves targets and keys as they are with keyPrefix: false', async () => {
    const client = await suite.connect({ keyPrefix: 'app:' });
    const [byKey, byEvent] = [new Recorder(), new Recorder()];
    await client.subscribeKeyspace('*cart', byKey.listen, { keyPrefix: false });
    await client.subscribeKeyevent('set', byEvent.listen, { keyPrefix: false });
    await suite.write('cart', 'app:cart');
    await client.keyspace.fence();
    for (const recorder of [byKey, byEvent]) assert.deepEqual(pairs(recorder), ['set cart', 'set app:cart']);
  });

  it('tells of keys only the events that are asked for', async () => {
    const client = await suite.connect();
    const [one, several, globs] = [new Recorder(), new Recorder(), new Recorder()];
    await client.subscribeKeyspace('filter:*', one.listen, { events: 'del' });
    await client.subscribeKeyspace('filter:*', several.listen, { events: ['set', 'rename_to'] });
    await client.subscribeKeyspace('filter:*', globs.listen, { events: ['r?name_*', 'inc*'] });
    await suite.write('filter:a');
    await suite.server.command('RENAME', 'filter:a', 'filter:b');
    await suite.server.command('INCR', 'filter:n');
    await suite.server.command('DEL', 'filter:b');
    await client.keyspace.fence();
    assert.deepEqual(pairs(one), ['del filter:b']);
    assert.deepEqual(pairs(several), ['set filter:a', 'rename_to filter:b']);
    assert.deepEqual(pairs(globs), ['rename_from filter:a', 'rename_to filter:b', 'incrby filter:n']);
  });

  it('tells of events only the keys that are asked for', async () => {
    const client = await suite.connect();
    const recorder = new Recorder();
    const keys = ['exact', { key: 'k*y' }, { prefix: 'pre[' }, 'gl?b', Buffer.from([0xff])];
    await client.subscribeKeyevent('set', recorder.listen, { keys });
    await suite.write('exact', 'exact2', 'k*y', 'key', 'pre[1', 'pre1', 'glob', 'gloob', Buffer.from([0xff]));
    await client.keyspace.fence();
    assert.deepEqual(pairs(recorder), ['set exact', 'set k*y', 'set pre[1', 'set glob', 'set \ufffd']);
  });

  it('hears the events of every kind of key', async () => {
    const client = await suite.connect();
    const recorder = new Recorder();
    await client.subscribeKeyspace({ prefix: 'kind:' }, recorder.listen);
    await client.hSet('kind:hash', 'field', 'value');
    await client.lPush('kind:list', 'item');
    await client.zAdd('kind:sorted', { score: 1, value: 'member' });
    await client.xAdd('kind:stream', '*', { field: 'value' });
    await client.expire('kind:hash', 100);
    await client.pExpire('kind:list', 1);
    while (await client.exists('kind:list')) await client.ping();
    await client.keyspace.fence();
    assert.deepEqual(pairs(recorder).slice(0, 5), [
      'hset kind:hash',
      'lpush kind:list',
      'zadd kind:sorted',
      'xadd kind:stream',
      'expire kind:hash'
    ]);
    assert.deepEqual(recorder.eventsOf('kind:list'), ['lpush', 'expire', 'expired']);
  });

  it("rejects with upstream's own error before connect() and after close()", async () => {
    const client = withKeyspace(createClient({ url: suite.server.url }));
    await assert.rejects(
      client.subscribeKeyspace('a', () => undefined),
      { message: 'The client is closed' }
    );
    await client.connect();
    await client.subscribeKeyspace('a*', () => undefined);
    await client.close();
    await assert.rejects(
      client.subscribeKeyspace('a', () => undefined),
      { message: 'The client is closed' }
    );
    assert.equal(await patternCount(suite.server), 0);
  });
});
