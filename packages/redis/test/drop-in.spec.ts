import assert from 'node:assert/strict';
import { matrix, waitFor } from '@redis-keyspace/test-utils';
import * as redis from 'redis';
import * as ours from '../index';
import { Deployments, KINDS, type AnyClient, type Kind } from './deployments';

/** What the same calls give with `redis` and with `redis-keyspace`. */
type Make = typeof redis;

interface Full extends AnyClient {
  multi(): {
    set(key: string, value: string): { incr(key: string): { get(key: string): { exec(): Promise<unknown> } } };
  };
  hSet(key: string, field: string, value: string): Promise<unknown>;
  hGetAll(key: string): Promise<unknown>;
  incr(key: string): Promise<unknown>;
  sendCommand(...args: unknown[]): Promise<unknown>;
  bell: { echo(key: string): Promise<unknown> };
  library: { answer(key: string): Promise<unknown> };
  ring(key: string, value: string): Promise<unknown>;
  json: object;
  ft: object;
}

const LIBRARY = `#!lua name=library
redis.register_function{function_name='answer', callback=function(keys) return redis.call('GET', keys[1]) end, flags={'no-writes'}}`;

const config = {
  modules: {
    bell: {
      echo: {
        parseCommand: (parser: redis.CommandParser, key: string) => {
          parser.push('GET');
          parser.pushKey(key);
        },
        transformReply: (reply: unknown) => `ring ${String(reply)}`
      }
    }
  },
  functions: {
    library: {
      answer: {
        NUMBER_OF_KEYS: 1,
        parseCommand: (parser: redis.CommandParser, key: string) => parser.pushKey(key),
        transformReply: (reply: unknown) => `answer ${String(reply)}`
      }
    }
  },
  scripts: {
    ring: redis.defineScript({
      SCRIPT: "redis.call('SET', KEYS[1], ARGV[1]) return redis.call('GET', KEYS[1])",
      NUMBER_OF_KEYS: 1,
      parseCommand: (parser: redis.CommandParser, key: string, value: string) => {
        parser.pushKey(key);
        parser.push(value);
      },
      transformReply: (reply: unknown) => `script ${String(reply)}`
    })
  }
};

matrix('a client of redis-keyspace', server => {
  const deployments = new Deployments(server);

  /** Connected clients of redis and of ours, made by the same call. */
  async function both(kind: Kind, options: object = {}): Promise<[redis: Full, ours: Full]> {
    const all = { ...deployments.optionsOf(kind), ...options } as never;
    const make = (from: Make) => {
      return {
        client: () => from.createClient(all),
        pool: () => from.createClientPool(all),
        cluster: () => from.createCluster(all),
        sentinel: () => from.createSentinel(all)
      }[kind]() as unknown as Full;
    };
    const clients = [make(redis), make(ours)] as [Full, Full];
    for (const client of clients) await deployments.adopt(client).connect();
    return clients;
  }

  for (const kind of KINDS) {
    it(`answers commands as a ${kind} of redis does`, async () => {
      for (const RESP of [2, 3]) {
        for (const client of await both(kind, { RESP })) {
          await client.sendCommand(
            ...{
              client: [['DEL', 'n']],
              pool: [['DEL', 'n']],
              cluster: ['n', false, ['DEL', 'n']],
              sentinel: [false, ['DEL', 'n']]
            }[kind]
          );
          assert.equal(await client.set('key', 'value'), 'OK');
          assert.equal(await client.get('key'), 'value');
          assert.equal(await client.get('none'), null);
          await client.hSet('hash', 'field', 'value');
          assert.deepEqual({ ...((await client.hGetAll('hash')) as object) }, { field: 'value' });
          assert.deepEqual(await client.multi().set('{n}key', '1').incr('{n}key').get('{n}key').exec(), ['OK', 2, '2']);
          const counted = await Promise.all([client.incr('n'), client.incr('n'), client.incr('n')]);
          // A pool sends each by whichever client is free: no order is promised there.
          assert.deepEqual(kind === 'pool' ? counted.sort() : counted, [1, 2, 3]);
          await assert.rejects(client.hSet('key', 'field', 'value'), redis.ErrorReply);
        }
      }
    });

    it(`has the modules, functions and scripts that a ${kind} of redis has`, async () => {
      for (const node of deployments.serversOf(kind)) await node.command('FUNCTION', 'LOAD', 'REPLACE', LIBRARY);
      for (const client of await both(kind, config)) {
        assert.equal(await client.ring('key', 'value'), 'script value');
        assert.equal(await client.bell.echo('key'), 'ring value');
        assert.equal(await client.library.answer('key'), 'answer value');
        assert.equal(typeof client.json, 'object');
        assert.equal(typeof client.ft, 'object');
      }
    });

    it(`rejects with the errors of redis before a ${kind} is connected and after it was closed`, async () => {
      const client = deployments.make(kind);
      const rejected = (call: Promise<unknown>) =>
        call.then(
          () => assert.fail('it was not rejected'),
          (error: Error) => error
        );
      const plain = deployments.make(kind);
      const expected = await rejected(plain.get('key'));
      const before = await rejected(client.subscribeKeyspace('key'));
      assert.ok(
        before instanceof redis.ClientClosedError || before instanceof redis.ClientOfflineError,
        String(before)
      );
      if (expected instanceof redis.ClientClosedError) assert.equal(before.constructor, expected.constructor);
      await client.connect();
      await client.subscribeKeyspace('key', () => undefined);
      await client.close();
      assert.ok((await rejected(client.subscribeKeyspace('key'))) instanceof redis.ClientClosedError);
      assert.ok((await rejected(client.keyspace.check())) instanceof redis.ClientClosedError);
      await client.unsubscribeKeyspace();
      await client.keyspace.fence();
    });

    it(`connects a ${kind} again after it was closed, as redis does, and hears again`, async () => {
      const [plain, client] = await both(kind);
      for (const one of [plain, client]) {
        await one.close();
        await one.connect();
        assert.equal(await one.set('key', 'value'), 'OK');
      }
      const heard: string[] = [];
      const subscription = await client.subscribeKeyspace('again', ({ event }) => heard.push(event));
      await client.set('again', 'value');
      await subscription.fence();
      assert.deepEqual(heard, ['set']);
    });
  }

  for (const kind of ['client', 'cluster'] as const) {
    it(`leaves the ${kind}'s own pSubscribe alone`, async () => {
      const client = (await deployments.connect(kind)) as unknown as ReturnType<typeof ours.createClient>;
      const own: string[] = [];
      const heard: string[] = [];
      await client.subscribe('news', message => own.push(message));
      await client.pSubscribe('__keyspace@0__:own:*', message => own.push(message));
      const subscription = await client.subscribeKeyspace('own:*', ({ event }) => heard.push(event));
      await client.publish('news', 'first');
      await client.pUnsubscribe();
      await client.set('own:key', 'value');
      await subscription.fence();
      assert.deepEqual(heard, ['set']);
      await subscription.unsubscribe();
      await client.publish('news', 'second');
      // In a cluster it travels from node to node first.
      await waitFor('the second news', () => own.includes('second'));
      assert.deepEqual(
        own.filter(message => message !== 'set'),
        ['first', 'second']
      );
      await client.unsubscribe();
    });
  }
});
