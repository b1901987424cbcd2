import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { matrix, waitFor } from '@redis-keyspace/test-utils';
import { createClient } from 'redis-keyspace';
import { startServers } from './servers';

/** The example as a process. */
class Run {
  readonly child;
  readonly exited: Promise<[code: number | null]>;
  output = '';

  constructor(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    const program = resolve(__dirname, '../dist/observable/main.js');
    this.child = spawn(process.execPath, [program, ...args], { env: { ...process.env, ...env } });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    this.exited = once(this.child, 'close') as typeof this.exited;
  }

  async code(): Promise<number | null> {
    return (await this.exited)[0];
  }

  [Symbol.dispose](): void {
    this.child.kill('SIGKILL');
  }
}

/** The numbers of the rounds that both have answered. */
function answeredRounds({ output }: Run): number[] {
  return [...output.matchAll(/^#(\d+) listener answered after \d+ ms, iterator answered/gm)].map(([, at]) =>
    Number(at)
  );
}

/** Cuts the connections on which a node is heard. */
async function cutSubscribers(node: string): Promise<void> {
  const client = await createClient({ url: `redis://${node}` }).connect();
  assert.ok(Number(await client.sendCommand(['CLIENT', 'KILL', 'TYPE', 'pubsub'])) > 0);
  client.destroy();
}

async function shutDown(url: string): Promise<void> {
  const client = await createClient({ url })
    .on('error', () => undefined)
    .connect();
  await client.sendCommand(['SHUTDOWN', 'NOSAVE']).catch(() => undefined);
  client.destroy();
}

matrix('the observable example', ({ id, label }) => {
  it('sees and answers values in both styles, before and after gaps, and ends in order with Ctrl-C', async () => {
    using run = new Run(['--interval', '200ms'], { KEYSPACE_SERVERS: id });
    const answered = () => answeredRounds(run);
    await waitFor('both to answer', () => answered().length >= 2);
    const before = answered().at(-1)!;
    for (const name of ['listener', 'iterator']) {
      const [, node] = new RegExp(`^  ${name} +(\\S+) `, 'm').exec(run.output)!;
      await cutSubscribers(node);
    }
    await waitFor('both to answer again', () => answered().filter(at => at > before + 2).length >= 2);
    run.child.kill('SIGINT');
    assert.equal(await run.code(), 0, run.output);
    assert.ok(
      run.output.startsWith(`${label}: a primary and two replicas, started for you\nThe writer is at 127.0.0.1:`)
    );
    assert.match(run.output, /\n +listener +iterator\nnode +127\.0\.0\.1:\d+ +127\.0\.0\.1:\d+\nvalues seen /);
    assert.match(run.output, /^gaps +[1-9] +[1-9]$/m);
  }).timeout(60_000);
});

describe('the observable example', function () {
  this.timeout(60_000);

  it('goes on without the node of the writer, and ends in order with Ctrl-C', async () => {
    await using servers = await startServers();
    using run = new Run(['--interval', '100ms', ...servers.urls.flatMap(url => ['--url', url])]);
    await waitFor('both to answer', () => answeredRounds(run).length >= 2);
    await shutDown(servers.urls[0]);
    const missed = /^#\d+ (no answer of the listener, no answer of the iterator|not written: .+)$/gm;
    await waitFor('rounds without an answer', () => [...run.output.matchAll(missed)].length >= 3);
    run.child.kill('SIGINT');
    assert.equal(await run.code(), 0, run.output);
    assert.match(run.output, /\nThe keys are left: .+\n\n +listener +iterator\n/);
  });

  it('ends after --count writes', async () => {
    using run = new Run(['--count', '2', '--interval', '50ms']);
    assert.equal(await run.code(), 0, run.output);
    assert.match(run.output, /^answers in time +\d of 2 +\d of 2$/m);
    assert.ok(!run.output.includes('#3'), run.output);
  });

  it('refuses a wrong option with 2, and a node that does not answer with 1', async () => {
    using wrong = new Run(['--interval', 'soon']);
    assert.equal(await wrong.code(), 2);
    assert.match(wrong.output, /--interval "soon"/);
    using dead = new Run([1, 2, 3].flatMap(() => ['--url', 'redis://127.0.0.1:1']));
    assert.equal(await dead.code(), 1);
    assert.match(dead.output, /ECONNREFUSED/);
  });
});
