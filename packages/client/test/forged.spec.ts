import assert from 'node:assert/strict';
import { matrix, startStandalone, type RedisServer } from '@redis-keyspace/test-utils';
import { Clients } from './clients';
import { Recorder } from './recorder';
import { perSuite } from './resources';

/** The servers here are older than the sub-key notifications that these tests publish by themselves. */
const QUIET = { keyspace: { notifyKeyspaceEvents: 'ignore' } } as const;

matrix('what others publish', binary => {
  const clients = new Clients();
  const resources = perSuite();
  let server: RedisServer;
  before(async () => {
    server = resources.add(await startStandalone(binary), opened => opened.stop());
  });
  const publish = (channel: string | Buffer, payload: string | Buffer) => server.command('PUBLISH', channel, payload);

  it('ignores `PUBLISH __subkeyspace@0__:x hello`, and hears what comes after it', async () => {
    const client = await clients.client(server, QUIET);
    const recorder = new Recorder();
    const keys = new Recorder();
    const subscription = recorder.follow(await client.subscribeSubkeyspace('x', recorder.listen));
    await client.subscribeKeyspace('x', keys.listen);
    await publish('__subkeyspace@0__:x', 'hello');
    await publish('__subkeyspace@0__:x', 'hset|1:f');
    await client.set('x', 'value');
    await subscription.fence();
    assert.deepEqual(
      recorder.heard.map(({ event, subkeys }) => [event, subkeys]),
      [['hset', ['f']]]
    );
    keys.assertOnceEach(['x']);
    assert.equal(client.keyspace.status().ignored, 1);
  });

  it('counts malformed messages and delivers none of them', async () => {
    const client = await clients.client(server, QUIET);
    const recorder = new Recorder();
    await client.subscribeSubkeyspace('*', recorder.listen);
    await client.subscribeSubkeyevent('*', recorder.listen);
    await client.subscribeSubkeyspaceEvent('*', '*', recorder.listen);
    const forged = [
      ['__subkeyspace@0__:k', ''],
      ['__subkeyspace@0__:k', 'hset|'],
      ['__subkeyspace@0__:k', 'hset|9:f'],
      ['__subkeyspace@0__:k', 'hset|-1:f'],
      ['__subkeyspace@0__:k', 'hset|1:f,'],
      ['__subkeyspace@0__:k', 'hset|1:ff'],
      ['__subkeyspace@0__:k', 'hset|99999999999999999999:f'],
      ['__subkeyevent@0__:hset', '1:h'],
      ['__subkeyevent@0__:hset', '5:h|1:f'],
      ['__subkeyspaceevent@0__:hset|k', 'f']
    ];
    for (const [channel, payload] of forged) await publish(channel, payload);
    await client.keyspace.fence();
    assert.deepEqual(recorder.heard, []);
    assert.equal(client.keyspace.status().ignored, forged.length);
  });

  it('hears the four sub-key families by the exact bytes that Redis 8.8 sends', async () => {
    const client = await clients.client(server, QUIET);
    const recorder = new Recorder();
    await client.subscribeSubkeyspace('h', recorder.listen);
    await client.subscribeSubkeyevent('hset', recorder.listen);
    await client.subscribeSubkeyspaceItem('h', ['f1', 'field2'], recorder.listen);
    await client.subscribeSubkeyspaceEvent('hset', 'h', recorder.listen);
    await publish('__subkeyspace@0__:h', 'hset|2:f1,6:field2');
    await publish('__subkeyevent@0__:hset', '1:h|2:f1,6:field2');
    await publish('__subkeyspaceitem@0__:h\nf1', 'hset');
    await publish('__subkeyspaceitem@0__:h\nfield2', 'hset');
    await publish('__subkeyspaceevent@0__:hset|h', '2:f1,6:field2');
    await client.keyspace.fence();
    assert.deepEqual(
      recorder.heard.map(({ kind, event, key, subkeys, database }) => [kind, event, key, subkeys, database]),
      [
        ['subkeyspace', 'hset', 'h', ['f1', 'field2'], 0],
        ['subkeyevent', 'hset', 'h', ['f1', 'field2'], 0],
        ['subkeyspaceitem', 'hset', 'h', ['f1'], 0],
        ['subkeyspaceitem', 'hset', 'h', ['field2'], 0],
        ['subkeyspaceevent', 'hset', 'h', ['f1', 'field2'], 0]
      ]
    );
  });

  it('reads sub-keys by their length in bytes, of keys with `|`, `:` and any other byte', async () => {
    const client = await clients.client(server, QUIET);
    const heard: unknown[] = [];
    const listen = ({ event, key, subkeys }: { event: string; key: Buffer; subkeys: readonly Buffer[] }) => {
      heard.push([event, key.toString('latin1'), subkeys.map(subkey => subkey.toString('latin1'))]);
    };
    const options = { bufferMode: true } as const;
    await client.subscribeSubkeyspace({ prefix: '' }, listen, options);
    await client.subscribeSubkeyevent('hset', listen, options);
    await client.subscribeSubkeyspaceEvent('hset', { prefix: '' }, listen, options);
    await publish('__subkeyspace@0__:a|b:c', 'hset|6:x|y:z,');
    await publish('__subkeyevent@0__:hset', '5:a|b:c|6:x|y:z,');
    await publish('__subkeyspaceevent@0__:hset|a|b:c', '6:x|y:z,');
    await publish('__subkeyevent@0__:hset', Buffer.from('2:é|5:ü€'));
    await publish('__subkeyevent@0__:hset', Buffer.from('3:k\xff\0|3:f\xfe\0', 'latin1'));
    await publish('__subkeyspace@0__:', 'hset|0:');
    await client.keyspace.fence();
    const utf8 = (text: string) => Buffer.from(text).toString('latin1');
    assert.deepEqual(heard, [
      ['hset', 'a|b:c', ['x|y:z,']],
      ['hset', 'a|b:c', ['x|y:z,']],
      ['hset', 'a|b:c', ['x|y:z,']],
      ['hset', utf8('é'), [utf8('ü€')]],
      ['hset', 'k\xff\0', ['f\xfe\0']],
      ['hset', '', ['']]
    ]);
  });

  it('hears ours although the user has subscribed the same pattern and channel before', async () => {
    const client = await clients.client(server, QUIET);
    const plain: string[] = [];
    const duplicate = client.duplicate();
    resources.add(duplicate, opened => opened.isOpen && opened.destroy());
    duplicate.on('error', () => undefined);
    await duplicate.connect();
    await duplicate.pSubscribe('__keyspace@0__:pin:*', message => plain.push(message));
    await duplicate.subscribe('__keyevent@0__:set', message => plain.push(message));
    const recorder = new Recorder();
    await duplicate.subscribeKeyspace('pin:*', recorder.listen);
    await duplicate.subscribeKeyevent('set', recorder.listen);
    await client.set('pin:1', 'value');
    await duplicate.keyspace.fence();
    await duplicate.ping();
    assert.deepEqual(
      recorder.heard.map(({ kind, key }) => [kind, key]),
      [
        ['keyspace', 'pin:1'],
        ['keyevent', 'pin:1']
      ]
    );
    assert.deepEqual(plain, ['set', 'pin:1']);
  });
});
