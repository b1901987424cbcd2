import assert from 'node:assert/strict';
import { FakeServer } from '@redis-keyspace/test-utils';
import { KeyspaceArgumentError } from '../index';
import { Clients } from './clients';
import { perTest } from './resources';

describe('a wrong call', () => {
  const clients = new Clients();
  const resources = perTest();
  const ignore = () => undefined;
  type Client = Awaited<ReturnType<Clients['client']>>;
  type Call = (client: Client) => Promise<unknown>;

  const cases: readonly [title: string, argument: string, quoted: string, call: Call][] = [
    ['no target', 'target', 'undefined', client => client.subscribeKeyspace(undefined as never, ignore)],
    ['a number', 'target', 'number 5', client => client.subscribeKeyspace(5 as never, ignore)],
    ['no targets at all', 'target', '[]', client => client.subscribeKeyspace([], ignore)],
    [
      'a wrong target of several',
      'target[1]',
      'null',
      client => client.subscribeKeyspace(['a', null as never], ignore)
    ],
    ['two forms', 'target', 'key, prefix', client => client.subscribeKeyspace({ key: 'a', prefix: 'b' }, ignore)],
    ['an empty event', 'event', '""', client => client.subscribeKeyevent('', ignore)],
    [
      'an event that is no text',
      'event',
      'Buffer "set"',
      client => client.subscribeKeyevent(Buffer.from('set') as never, ignore)
    ],
    ['a negative database', 'database', 'number -1', client => client.subscribeKeyspace('a', ignore, { database: -1 })],
    [
      'half a database',
      'database',
      'number 0.5',
      client => client.subscribeKeyevent('set', ignore, { database: [0, 0.5] })
    ],
    [
      'a database as text',
      'database',
      '"1"',
      client => client.subscribeKeyspace('a', ignore, { database: '1' as never })
    ],
    [
      'an option that does not exist',
      'options',
      'db',
      client => client.subscribeKeyspace('a', ignore, { db: 1 } as never)
    ],
    ['a listener that is none', 'listener', '"on"', client => client.subscribeKeyspace('a', 'on' as never, {})],
    ['highWaterMark: 0', 'highWaterMark', 'number 0', client => client.subscribeKeyspace('a', { highWaterMark: 0 })],
    [
      'an overflow policy that does not exist',
      'overflow',
      '"drop"',
      client => client.subscribeKeyspace('a', { overflow: 'drop' as never })
    ],
    [
      'a signal that is none',
      'abortSignal',
      'object',
      client => client.subscribeKeyspace('a', { abortSignal: {} as never })
    ],
    [
      'events with an event target',
      'events',
      '"del"',
      client => client.subscribeKeyevent('set', ignore, { events: 'del' })
    ],
    ['keys with a key target', 'keys', '"b"', client => client.subscribeKeyspace('a', ignore, { keys: 'b' })],
    [
      'a newline in a sub-key item key',
      'target',
      '\\n',
      client => client.subscribeSubkeyspaceItem('a\nb', 'f', ignore)
    ],
    [
      'a bar in a sub-key space event',
      'event',
      '"h|set"',
      client => client.subscribeSubkeyspaceEvent('h|set', 'a', ignore)
    ],
    ['an unsubscribe of a number', 'target', 'number 1', client => client.unsubscribeKeyspace(1 as never)]
  ];

  for (const [title, argument, quoted, call] of cases) {
    it(`is refused before anything is sent: ${title}`, async () => {
      const fake = resources.add(await FakeServer.start(), server => server.stop());
      const client = await clients.client(fake);
      const sent = fake.commands.length;
      await assert.rejects(call(client), (error: unknown) => {
        assert(error instanceof KeyspaceArgumentError, String(error));
        const { name, code } = error;
        assert.deepEqual([name, code, error.argument], ['KeyspaceArgumentError', 'KEYSPACE_ARGUMENT', argument]);
        assert(error.message.includes(quoted), error.message);
        return true;
      });
      await client.ping();
      assert.deepEqual([fake.accepted, fake.commands.length], [1, sent + 1]);
      assert.deepEqual(client.keyspace.status().nodes, []);
    });
  }
});
