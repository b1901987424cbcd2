import assert from 'node:assert/strict';
import { createClient } from '@redis/client';
import { stopAll } from '../standalone/running-servers';
import { FakeServer } from './fake-server';
import { NO_REPLY, encodeReply, error, push, raw, simple, type Reply } from './reply';
import { RequestParser } from './request-parser';

describe('fake server', () => {
  after(stopAll);

  for (const RESP of [2, 3] as const) {
    it(`lets a client connect and subscribe over RESP${RESP}, and hears what is pushed in pieces of a byte`, async () => {
      const fake = await FakeServer.start();
      const client = createClient({ url: fake.url, RESP });
      await client.connect();
      const heard: unknown[] = [];
      const message = new Promise<void>(resolve => {
        void client.pSubscribe('__key*', (text, channel) => {
          heard.push(text, channel);
          resolve();
        });
      });
      const { connection } = await fake.waitForCommand('PSUBSCRIBE');
      connection.chunkSize = 1;
      connection.pmessage('__key*', '__keyevent@0__:set', 'kéy');
      await message;
      assert.deepEqual(heard, ['kéy', '__keyevent@0__:set']);
      await client.pUnsubscribe();
      assert.equal(String(await client.ping()), 'PONG');
      client.destroy();
      await fake.stop();
    });
  }

  it('answers by the script, in order, and records every command', async () => {
    const fake = await FakeServer.start({
      async onCommand([name, key]) {
        if (name === 'GET') {
          await new Promise(resolve => setTimeout(resolve, key === 'slow' ? 30 : 0));
          return key === 'bad' ? error('WRONGTYPE no') : `value of ${key}`;
        }
        return undefined;
      }
    });
    const client = createClient({ url: fake.url });
    await client.connect();
    assert.deepEqual(await Promise.all([client.get('slow'), client.get('fast')]), ['value of slow', 'value of fast']);
    await assert.rejects(client.get('bad'), /WRONGTYPE no/);
    await assert.rejects(client.incr('x'), /ERR unknown command 'INCR'/);
    const gets = fake.commands.filter(({ args }) => args[0] === 'GET').map(({ args }) => args[1]);
    assert.deepEqual(gets, ['slow', 'fast', 'bad']);
    client.destroy();
    await fake.stop();
  });

  it('keeps silent when told so, and speaks again', async () => {
    const fake = await FakeServer.start({ onCommand: ([name]) => (name === 'GET' ? NO_REPLY : undefined) });
    const client = createClient({ url: fake.url });
    await client.connect();
    let answered = false;
    const get = client.get('x').then(() => (answered = true));
    const { connection } = await fake.waitForCommand('GET');
    connection.silence();
    connection.reply('lost');
    connection.resume();
    await new Promise(resolve => setTimeout(resolve, 30));
    assert.equal(answered, false);
    connection.reply('found');
    await get;
    client.destroy();
    await fake.stop();
  });

  it('cuts after what it has sent, and takes the client back', async () => {
    const fake = await FakeServer.start();
    const client = createClient({ url: fake.url, socket: { reconnectStrategy: 5 } });
    client.on('error', () => undefined);
    await client.connect();
    const ready = new Promise(resolve => client.once('ready', resolve));
    fake.connections[0].push('unknown', 'before the end');
    fake.cut();
    await ready;
    assert.equal(fake.accepted, 2);
    assert.equal(await client.ping(), 'PONG');
    client.destroy();
    await fake.stop();
  });
});

describe('reply', () => {
  const cases: readonly [title: string, reply: Reply, resp2: string, resp3: string][] = [
    ['a simple string', simple('OK'), '+OK\r\n', '+OK\r\n'],
    ['an error', error('ERR x'), '-ERR x\r\n', '-ERR x\r\n'],
    ['a bulk string, counted in bytes', 'é', '$2\r\né\r\n', '$2\r\né\r\n'],
    ['an integer', -3, ':-3\r\n', ':-3\r\n'],
    ['a double', 1.5, '$3\r\n1.5\r\n', ',1.5\r\n'],
    ['a boolean', true, ':1\r\n', '#t\r\n'],
    ['null', null, '$-1\r\n', '_\r\n'],
    ['a map', new Map<Reply, Reply>([['a', 1]]), '*2\r\n$1\r\na\r\n:1\r\n', '%1\r\n$1\r\na\r\n:1\r\n'],
    ['a nested array', [1, [null]], '*2\r\n:1\r\n*1\r\n$-1\r\n', '*2\r\n:1\r\n*1\r\n_\r\n'],
    ['a push', push('x', 1), '*2\r\n$1\r\nx\r\n:1\r\n', '>2\r\n$1\r\nx\r\n:1\r\n'],
    ['raw bytes', raw('?!'), '?!', '?!']
  ];
  for (const [title, reply, resp2, resp3] of cases) {
    it(`encodes ${title}`, () => {
      assert.equal(String(encodeReply(reply, 2)), resp2);
      assert.equal(String(encodeReply(reply, 3)), resp3);
    });
  }
});

describe('request parser', () => {
  const stream = Buffer.from('*2\r\n$3\r\nGET\r\n$4\r\n\r\n\xff\x00\r\n*1\r\n$4\r\nPING\r\n', 'latin1');
  const commands = [['GET', '\r\n\xff\x00'], ['PING']];

  it('finds the same commands however the bytes are cut', () => {
    for (let size = 1; size <= stream.length; size++) {
      const parser = new RequestParser();
      const found: string[][] = [];
      for (let offset = 0; offset < stream.length; offset += size) {
        found.push(
          ...parser.write(stream.subarray(offset, offset + size)).map(args => args.map(arg => arg.toString('latin1')))
        );
      }
      assert.deepEqual(found, commands);
    }
  });
});
