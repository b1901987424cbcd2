import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { matrix, releasePort, reservePort, startStandalone, waitFor } from '@redis-keyspace/test-utils';
import { NETWORK_ERRORS } from './error-log';
import { Recorder } from './recorder';
import { perSuite } from './resources';
import { StandaloneSuite } from './standalone-suite';

matrix('over RESP 2', binary => {
  const suite = new StandaloneSuite(binary);
  const connect = () => suite.connect({ RESP: 2, expects: NETWORK_ERRORS });

  it('hears keys and events by exact channels and patterns, and fences', async () => {
    const client = await connect();
    const [exact, pattern, event] = [new Recorder(), new Recorder(), new Recorder()];
    await client.subscribeKeyspace('two:1', exact.listen);
    await client.subscribeKeyspace('two:*', pattern.listen);
    const subscription = await client.subscribeKeyevent('set', event.listen);
    await suite.write('two:1', 'two:2');
    await subscription.fence();
    exact.assertOnceEach(['two:1']);
    for (const recorder of [pattern, event]) recorder.assertOnceEach(['two:1', 'two:2']);
  });

  it('tells every byte of a key', async () => {
    const client = await connect();
    const key = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    const heard: Buffer[] = [];
    const subscription = await client.subscribeKeyspace(key, ({ key }) => heard.push(key), { bufferMode: true });
    await suite.write(key);
    await subscription.fence();
    assert.deepEqual(heard, [key]);
  });

  it('comes and goes, with a heartbeat meanwhile', async () => {
    const client = await suite.connect({ RESP: 2, keyspace: { heartbeatInterval: 5 } });
    const recorder = new Recorder();
    for (let round = 0; round < 5; round++) {
      const key = `come:${round}`;
      const first = await client.subscribeKeyspace(key, recorder.listen);
      const second = await client.subscribeKeyevent('set', () => undefined);
      await suite.write(key);
      await first.fence();
      await first.unsubscribe();
      await second.unsubscribe();
    }
    recorder.assertOnceEach([0, 1, 2, 3, 4].map(round => `come:${round}`));
    assert.equal(client.keyspace.status().gaps.total, 0);
  });

  it('tells a gap and heals', async () => {
    const client = await connect();
    const recorder = new Recorder();
    const subscription = recorder.follow(await client.subscribeKeyspace('heal:*', recorder.listen));
    await suite.server.command('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await waitFor('the gap to be over', () => recorder.recovered.length);
    await suite.write('heal:1');
    await subscription.fence();
    recorder.assertOnceEach(['heal:1']);
  });
});

matrix('other ways to connect', binary => {
  const resources = perSuite();
  const suite = new StandaloneSuite(binary);
  const folder = mkdtempSync(join(tmpdir(), 'keyspace-tls-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  async function hears(client: Awaited<ReturnType<StandaloneSuite['connect']>>): Promise<string> {
    const recorder = new Recorder();
    const subscription = await client.subscribeKeyspace('way:*', recorder.listen);
    await client.set('way:1', 'value');
    await subscription.fence();
    recorder.assertOnceEach(['way:1']);
    return recorder.heard[0].node;
  }

  it('hears over TLS, with the certificate checked', async function () {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    try {
      const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
      const how = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
      execFileSync('openssl', ['req', '-x509', ...how, ...subject, '-keyout', key, '-out', cert], { stdio: 'ignore' });
    } catch {
      // No openssl there to make a certificate with.
      return this.skip();
    }
    const port = resources.add(await reservePort(), releasePort);
    const tls = { 'tls-port': port, 'tls-cert-file': cert, 'tls-key-file': key, 'tls-ca-cert-file': cert };
    const config = { ...tls, 'tls-auth-clients': 'no' };
    resources.add(await startStandalone(binary, { config }), server => server.stop());
    const socket = { tls: true, ca: readFileSync(cert), port, host: 'localhost' } as const;
    assert.equal(await hears(await suite.connect({ url: undefined, socket })), `localhost:${port}`);
    const url = `rediss://localhost:${port}`;
    const trusting = { tls: true, ca: readFileSync(cert) } as const;
    assert.equal(await hears(await suite.connect({ url, socket: trusting })), `localhost:${port}`);
  });

  it('hears over a unix socket', async () => {
    const path = join(folder, 's');
    resources.add(await startStandalone(binary, { config: { unixsocket: path } }), server => server.stop());
    assert.equal(await hears(await suite.connect({ url: undefined, socket: { path, tls: false } })), path);
  });
});
