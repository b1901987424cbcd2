import assert from 'node:assert/strict';
import { matrix, slotOf, type ClusterNode } from '@redis-keyspace/test-utils';
import type { KeyNotification, KeyTarget } from '../index';
import { ClusterSuite } from './cluster-suite';
import { Recorder } from './recorder';

const latin1 = (text: string) => Buffer.from(text, 'latin1');

/** Keys that other clients lose, mangle or cannot watch, by what is odd about them. */
const ODD_KEYS: Readonly<Record<string, Buffer>> = {
  'a newline inside': latin1('odd:line\nbreak'),
  'a trailing newline': latin1('odd:trailing\n'),
  'a NUL': latin1('odd:nul\0nul'),
  'the bytes ff fe': Buffer.from([0xff, 0xfe]),
  'ff fe behind text': latin1('odd:\xff\xfe'),
  'a question mark': latin1('what?'),
  'square brackets': latin1('user[1]'),
  'a star': latin1('odd:*'),
  'a backslash': latin1('odd:\\'),
  'an open bracket': latin1('odd:[a'),
  '`__:`': latin1('x__:foo'),
  'a whole channel name': latin1('__keyspace@0__:odd'),
  'an at sign': latin1('odd@0'),
  'a vertical bar': latin1('odd|bar'),
  'a letter of two bytes': Buffer.from('odd:é'),
  'a blank': latin1(' ')
};

matrix('keys are bytes', server => {
  const suite = new ClusterSuite(server);
  const ownerOf = (key: Buffer): ClusterNode => {
    return [suite.a, suite.b, suite.c][Math.min(2, Math.floor((slotOf(key) * 3) / 16_384))];
  };
  /** Each odd key, a neighbour that a careless glob would catch too, and what was heard of both. */
  const hear = async (target: (key: Buffer) => KeyTarget) => {
    const client = await suite.connect();
    const heard = new Map<string, KeyNotification<Buffer>[]>();
    for (const [name, key] of Object.entries(ODD_KEYS)) {
      const list: KeyNotification<Buffer>[] = [];
      heard.set(name, list);
      await client.subscribeKeyspace(target(key), notification => list.push(notification), {
        bufferMode: true,
        events: 'set'
      });
    }
    for (const key of Object.values(ODD_KEYS)) {
      await ownerOf(key).command('SET', key, 'value');
      const neighbour = Buffer.from(key.map(byte => ('?*[\\'.includes(String.fromCharCode(byte)) ? 0x51 : byte)));
      const longer = Buffer.concat([latin1('Q'), key]);
      for (const other of [neighbour, longer]) {
        if (!Object.values(ODD_KEYS).some(odd => odd.equals(other)))
          await ownerOf(other).command('SET', other, 'value');
      }
    }
    await client.keyspace.fence();
    return heard;
  };

  it('hears exactly the key that a Buffer names, whatever bytes it has', async () => {
    for (const [name, list] of await hear(key => key)) {
      assert.deepEqual(
        list.map(({ key }) => key),
        [ODD_KEYS[name]],
        name
      );
    }
  });

  it('hears exactly the key that { key } names', async () => {
    for (const [name, list] of await hear(key => ({ key }))) {
      assert.deepEqual(
        list.map(({ key }) => key),
        [ODD_KEYS[name]],
        name
      );
    }
  });

  it('takes glob characters and any other bytes of a prefix as themselves', async () => {
    for (const [name, list] of await hear(prefix => ({ prefix }))) {
      assert.deepEqual(
        list.map(({ key }) => key),
        [ODD_KEYS[name]],
        name
      );
    }
  });

  it('tells keys that are text as the same text', async () => {
    const client = await suite.connect();
    const recorder = new Recorder();
    const names = ['text:line\nbreak', 'text:trailing\n', 'text:é ü €', 'text:what?', 'text:user[1]', 'text:__:x'];
    await client.subscribeKeyspace({ prefix: 'text:' }, recorder.listen);
    const byEvent = new Recorder();
    await client.subscribeKeyevent('set', byEvent.listen);
    await Promise.all(names.map(name => client.set(name, 'value')));
    await client.keyspace.fence();
    recorder.assertOnceEach(names);
    byEvent.assertOnceEach(names);
  });

  it('hears the empty key, by key and by event', async () => {
    const client = await suite.connect();
    const byKey = new Recorder();
    const byEvent = new Recorder();
    await client.subscribeKeyspace({ key: '' }, byKey.listen);
    await client.subscribeKeyevent('set', byEvent.listen);
    await client.set('', 'value');
    await client.keyspace.fence();
    byKey.assertOnceEach(['']);
    byEvent.assertOnceEach(['']);
  });

  it("does not take the key `x__:foo` for `foo` with database: 'all'", async () => {
    const client = await suite.connect();
    const recorder = new Recorder();
    const globbed = new Recorder();
    await client.subscribeKeyspace('foo', recorder.listen, { database: 'all' });
    await client.subscribeKeyspace('fo[o]', globbed.listen, { database: 'all' });
    await client.set('x__:foo', 'value');
    await client.set('foo', 'value');
    await client.keyspace.fence();
    recorder.assertOnceEach(['foo']);
    globbed.assertOnceEach(['foo']);
  });
});
