import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { createClient } from '@redis/client';
import { ServerStartError } from '../errors';
import { isAlive } from '../servers/file-lock';
import { matrix } from '../servers/matrix';
import { waitFor } from '../wait';
import { stopAll } from './running-servers';
import { startStandalone } from './start-standalone';

matrix('standalone', server => {
  after(stopAll);

  it('is the server that it says it is', async () => {
    const redis = await startStandalone(server);
    const info = await redis.info('server');
    assert.equal(info.get(server.product === 'valkey' ? 'valkey_version' : 'redis_version'), server.version);
    assert.equal(Number(info.get('process_id')), redis.pid);
    assert.equal(redis.address, `127.0.0.1:${redis.port}`);
    await redis.stop();
  });

  it('notifies of everything by default, and of nothing when told so', async () => {
    const [loud, quiet] = await Promise.all([
      startStandalone(server),
      startStandalone(server, { config: { 'notify-keyspace-events': '' }, databases: 3 })
    ]);
    assert.deepEqual(await loud.command('CONFIG', 'GET', 'notify-keyspace-events'), ['notify-keyspace-events', 'AKE']);
    assert.deepEqual(await quiet.command('CONFIG', 'GET', 'notify-keyspace-events'), ['notify-keyspace-events', '']);
    assert.deepEqual(await quiet.command('CONFIG', 'GET', 'databases'), ['databases', '3']);
    await Promise.all([loud.stop(), quiet.stop()]);
  });

  it('speaks TLS and nothing else when told so, with its replica too', async () => {
    const redis = await startStandalone(server, { tls: true });
    const replica = await startStandalone(server, {
      tls: true,
      config: { replicaof: `${redis.host} ${redis.port}` }
    });
    assert.match(redis.url, /^rediss:/);
    await (await redis.client()).set('key', 'value');
    await waitFor('the replica to have it', async () => (await replica.command('EXISTS', 'key')) === 1);
    const plain = createClient({ url: `redis://${redis.address}`, socket: { reconnectStrategy: false } });
    await assert.rejects(plain.on('error', () => undefined).connect());
    await Promise.all([redis.stop(), replica.stop()]);
  });

  it('gives one connected client, and bytes where asked', async () => {
    const redis = await startStandalone(server);
    const client = await redis.client();
    assert.equal(await redis.client(), client);
    const key = Buffer.from([0xff, 0x00, 0x0a]);
    await client.set(key, 'value');
    assert.deepEqual(await redis.rawCommand(0, 'KEYS', '*'), [key]);
    assert.deepEqual(await redis.rawCommand(1, 'KEYS', '*'), []);
    await redis.stop();
    assert.equal(client.isOpen, false);
  });

  it('hangs without closing, and goes on where it was', async () => {
    const redis = await startStandalone(server);
    const client = await redis.client();
    await redis.hang();
    assert.deepEqual([redis.isRunning, redis.isHanging, redis.isResponsive], [true, true, false]);
    let answered = false;
    const ping = client.ping().then(() => (answered = true));
    await new Promise(resolve => setTimeout(resolve, 100));
    assert.equal(answered, false);
    redis.resume();
    await ping;
    await redis.stop();
  });

  it('tells a fault of its own from an end that was asked for', async () => {
    const [faulty, killed] = await Promise.all([startStandalone(server), startStandalone(server)]);
    faulty.server.signal('SIGSEGV');
    await Promise.all([waitFor('its end', () => !faulty.isRunning), killed.kill()]);
    assert.match(faulty.server.crash ?? '', /crashed by signal: 11$/);
    assert.equal(killed.server.crash, undefined);
    await Promise.all([faulty.stop(), killed.stop()]);
  });

  it('comes back on its port after a crash, with its data where they are persisted', async () => {
    const redis = await startStandalone(server, { config: { appendonly: 'yes', appendfsync: 'always' } });
    await redis.command('SET', 'kept', 'yes');
    const { pid, port } = redis;
    await redis.kill();
    assert.equal(redis.isRunning, false);
    await redis.restart({ 'notify-keyspace-events': 'Kx' });
    assert.notEqual(redis.pid, pid);
    assert.equal(redis.port, port);
    assert.equal(await redis.command('GET', 'kept'), 'yes');
    assert.deepEqual(await redis.command('CONFIG', 'GET', 'notify-keyspace-events'), ['notify-keyspace-events', 'xK']);
    await redis.stop();
  });

  it('leaves nothing after stop, hung or not', async () => {
    const redis = await startStandalone(server);
    const {
      pid,
      server: { folder }
    } = redis;
    await redis.hang();
    await redis.stop();
    await redis.stop();
    await waitFor('the process to be gone', () => !isAlive(pid!));
    assert.equal(existsSync(folder), false);
  });

  it('says what the server said when it cannot start', async () => {
    await assert.rejects(startStandalone(server, { config: { 'no-such-directive': 'x' } }), (error: unknown) => {
      assert(error instanceof ServerStartError);
      assert.equal(error.code, 'SERVER_START');
      assert.match(error.message, /no-such-directive/);
      return true;
    });
  });
});
