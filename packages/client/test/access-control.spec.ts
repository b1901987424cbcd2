import assert from 'node:assert/strict';
import { matrix, waitFor, type RedisServer } from '@redis-keyspace/test-utils';
import { KeyspaceRefusedError } from '../index';
import { NETWORK_ERRORS } from './error-log';
import { Recorder } from './recorder';
import { clientConnections, patternCount, subscriberConnections } from './server-side';
import { StandaloneSuite } from './standalone-suite';

const USER = { username: 'limited', password: 'geheim' };

/** How often the server was asked to PSUBSCRIBE, refusals included. */
async function attempts(server: RedisServer): Promise<number> {
  const stats = (await server.info('commandstats')).get('cmdstat_psubscribe') ?? '';
  const of = (name: string) => Number(new RegExp(`(?:^|,)${name}=(\\d+)`).exec(stats)?.[1] ?? 0);
  return of('calls') + of('rejected_calls');
}

matrix('a user without the right to all channels', binary => {
  const suite = new StandaloneSuite(binary);
  const ignore = () => undefined;
  const setUser = (...rules: string[]) => suite.server.command('ACL', 'SETUSER', USER.username, ...rules);
  const connect = () => suite.connect({ ...USER, expects: NETWORK_ERRORS });
  beforeEach(() => setUser('reset', 'on', `>${USER.password}`, '~*', '+@all', 'resetchannels'));

  async function refusal(subscribing: Promise<unknown>): Promise<KeyspaceRefusedError> {
    const error: unknown = await subscribing.then(
      () => assert.fail('it was not refused'),
      reason => reason
    );
    assert(error instanceof KeyspaceRefusedError, String(error));
    assert.deepEqual([error.name, error.code], ['KeyspaceRefusedError', 'KEYSPACE_REFUSED']);
    assert.equal(error.node, suite.server.address);
    assert.match(String(error.cause), /NOPERM/);
    for (const part of [error.node, JSON.stringify(error.channel), JSON.stringify(error.rule)]) {
      assert(error.message.includes(part), `${part} in ${error.message}`);
    }
    return error;
  }

  type Client = Awaited<ReturnType<StandaloneSuite['connect']>>;
  type Case = [
    title: string,
    channel: string,
    key: string,
    subscribe: (client: Client, recorder: Recorder) => Promise<unknown>
  ];
  const cases: readonly Case[] = [
    ['a pattern', '__keyspace@0__:a:*', 'a:1', (client, { listen }) => client.subscribeKeyspace('a:*', listen)],
    ['an exact key', '__keyspace@0__:a:1', 'a:1', (client, { listen }) => client.subscribeKeyspace('a:1', listen)],
    [
      'a key with glob characters',
      '__keyspace@0__:a*[b',
      'a*[b',
      (client, { listen }) => client.subscribeKeyspace({ key: 'a*[b' }, listen)
    ],
    [
      'a key with a blank',
      '__keyspace@0__:a b',
      'a b',
      (client, { listen }) => client.subscribeKeyspace('a b', listen)
    ],
    [
      'a prefix with glob characters',
      '__keyspace@0__:a\\[*',
      'a[1',
      (client, { listen }) => client.subscribeKeyspace({ prefix: 'a[' }, listen)
    ],
    [
      'a pattern with a blank',
      '__keyspace@0__:a *',
      'a 1',
      (client, { listen }) => client.subscribeKeyspace('a *', listen)
    ],
    ['an event', '__keyevent@0__:set', 'a:1', (client, { listen }) => client.subscribeKeyevent('set', listen)],
    [
      'an event of all databases',
      '__keyevent@*__:set',
      'a:1',
      (client, { listen }) => client.subscribeKeyevent('set', listen, { database: 'all' })
    ]
  ];

  for (const [title, channel, key, subscribe] of cases) {
    it(`is refused ${title}, naming node, channel and the rule that grants it`, async () => {
      const client = await connect();
      const recorder = new Recorder();
      const before = await clientConnections(suite.server);
      const error = await refusal(subscribe(client, recorder));
      assert.equal(error.channel, channel);
      assert.deepEqual([client.keyspace.status().nodes, client.keyspace.status().subscriptions], [[], 0]);
      await waitFor('the connection to be gone', async () => (await clientConnections(suite.server)) === before);
      await setUser(error.rule);
      await subscribe(client, recorder);
      await suite.write(key);
      await client.keyspace.fence();
      recorder.assertOnceEach([key]);
    });
  }

  it('is refused one of several targets by name, and nothing of the call stays subscribed', async () => {
    await setUser('&__keyspace@0__:yes:*');
    const client = await connect();
    const error = await refusal(client.subscribeKeyspace(['yes:*', 'no:*', 'exact'], ignore));
    assert.equal(error.channel, '__keyspace@0__:exact');
    assert.equal(await patternCount(suite.server), 0);
  });

  it('keeps its other subscriptions when one is refused', async () => {
    await setUser('&__keyspace@0__:yes:*');
    const client = await connect();
    const recorder = new Recorder();
    const subscription = recorder.follow(await client.subscribeKeyspace('yes:*', recorder.listen));
    await refusal(client.subscribeKeyspace('no:*', ignore));
    await refusal(client.subscribeKeyspace(['yes:*', 'no:*'], ignore));
    await suite.write('yes:1');
    await subscription.fence();
    recorder.assertOnceEach(['yes:1']);
    assert.deepEqual(recorder.gaps, []);
    assert.deepEqual(await subscriberConnections(suite.server), [{ sub: 0, psub: 1 }]);
  });

  it('that loses a right hears of a gap `refused` for exactly what it concerns, once, and nothing is tried for ever', async () => {
    await setUser('&__keyspace@0__:stay:*', '&__keyspace@0__:lost:*');
    const client = await connect();
    const [staying, losing] = [new Recorder(), new Recorder()];
    const stayed = staying.follow(await client.subscribeKeyspace('stay:*', staying.listen));
    const lost = losing.follow(await client.subscribeKeyspace('lost:*', losing.listen));
    await setUser('resetchannels', '&__keyspace@0__:stay:*');
    const refused = () => losing.gaps.filter(({ reason }) => reason === 'refused');
    await waitFor('the refusal to be told', () => refused().length);
    await waitFor('the other to be heard again', () => staying.recovered.length);
    const [gap] = refused();
    assert.deepEqual([gap.node, gap.slots], [suite.server.address, []]);
    assert.deepEqual([lost.coverage.complete, stayed.coverage.complete], [false, true]);
    assert.deepEqual(
      staying.gaps.map(({ reason }) => reason),
      ['disconnected']
    );
    const before = await attempts(suite.server);
    await suite.write('stay:1', 'lost:1');
    for (let round = 0; round < 20; round++) await stayed.fence();
    assert.equal(await attempts(suite.server), before);
    staying.assertOnceEach(['stay:1']);
    assert.deepEqual(losing.heard, []);
    assert.deepEqual([refused().length, client.keyspace.status().subscriptions], [1, 2]);
  });

  it('that gets a right back is heard after the next reconnection, with the gap over', async () => {
    await setUser('&__keyspace@0__:back:*');
    const client = await connect();
    const recorder = new Recorder();
    const subscription = recorder.follow(await client.subscribeKeyspace('back:*', recorder.listen));
    await setUser('resetchannels');
    await waitFor('the refusal to be told', () => recorder.gaps.some(({ reason }) => reason === 'refused'));
    await setUser('&__keyspace@0__:back:*');
    await suite.server.command('CLIENT', 'KILL', 'USER', USER.username);
    await waitFor('all gaps to be over', () => recorder.recovered.length && subscription.coverage.complete);
    await suite.write('back:1');
    await subscription.fence();
    recorder.assertOnceEach(['back:1']);
    assert.equal(recorder.gaps.length, recorder.recovered.length);
    assert.deepEqual(client.keyspace.status().gaps.open, []);
  });

  it('subscribes as the user of its options, of its URL and of its credentialsProvider', async () => {
    await setUser('allchannels');
    const { username, password } = USER;
    const url = suite.server.url.replace('redis://', `redis://${username}:${password}@`);
    const credentialsProvider = { type: 'async-credentials-provider', credentials: async () => USER } as const;
    for (const options of [USER, { url }, { credentialsProvider }]) {
      const client = await suite.connect(options);
      const subscription = await client.subscribeKeyspace('who', ignore);
      assert.match(String(await suite.server.command('CLIENT', 'LIST', 'TYPE', 'pubsub')), / user=limited /);
      await subscription.unsubscribe();
      await waitFor('nothing to be left', async () => (await subscriberConnections(suite.server)).length === 0);
    }
  });
});
