import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { waitFor } from '@redis-keyspace/test-utils';

const MAIN = resolve(__dirname, '../dist/demo/main.js');

/** The demonstration as a process without a terminal, with a folder of its own for temporary files. */
class Run {
  readonly temporary = mkdtempSync(join(tmpdir(), 'demo-spec-'));
  readonly child;
  readonly exited: Promise<[code: number | null, signal: string | null]>;
  output = '';

  constructor(...args: readonly string[]) {
    this.child = spawn(process.execPath, [MAIN, ...args], {
      env: { ...process.env, TMPDIR: this.temporary },
      stdio: ['ignore', 'pipe', 'pipe']
    });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    this.exited = once(this.child, 'close') as typeof this.exited;
  }

  says(text: string | RegExp): Promise<unknown> {
    return waitFor(`${String(text)} in ${JSON.stringify(this.output)}`, () =>
      typeof text === 'string' ? this.output.includes(text) : text.test(this.output)
    );
  }

  async end(signal: NodeJS.Signals): Promise<number | null> {
    this.child.kill(signal);
    return this.code();
  }

  async code(): Promise<number | null> {
    const [code] = await this.exited;
    return code;
  }

  /** The servers that it named do not answer, and its folder is empty. */
  async assertNothingLeft(): Promise<void> {
    const ports = new Set([...this.output.matchAll(/127\.0\.0\.1:(\d+)/g)].map(([, port]) => Number(port)));
    for (const port of ports) assert.ok(await isRefused(port), `${port} is still open`);
    await waitFor('its folder to be empty', () => readdirSync(this.temporary).length === 0);
  }

  [Symbol.dispose](): void {
    this.child.kill('SIGKILL');
    rmSync(this.temporary, { recursive: true, force: true });
  }
}

function isRefused(port: number): Promise<boolean> {
  return new Promise(done => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', () => done(true));
    socket.once('connect', () => done(socket.destroy() && false));
  });
}

describe('the demonstration', function () {
  this.timeout(120_000);

  it('loses nothing that it has not told, ends with a summary and leaves nothing behind', async () => {
    using run = new Run();
    assert.equal(await run.code(), 0, run.output);
    assert.match(run.output, /kill -9[^]*GAP[^]*RECOVERED[^]*Summary/);
    assert.match(run.output, /lost +[\d,]+ +[\d,]+ inside a told gap, 0 outside/);
    assert.match(run.output, /written +[1-9][\d,]{3,}/);
    assert.ok(!run.output.includes('\u001b'), 'sequences for a terminal');
    assert.ok(run.output.split('\n').length < 300, 'a flood of lines');
    await run.assertNothingLeft();
  });

  for (const [when, text] of [
    ['while servers start', 'starting 3 primaries'],
    ['while slots move', '2. Moving'],
    ['while keys are written', '1. Writing']
  ] as const) {
    it(`tells the summary so far and leaves nothing behind after Ctrl-C ${when}`, async () => {
      using run = new Run();
      await run.says(text);
      assert.equal(await run.end('SIGINT'), 130, run.output);
      assert.match(run.output, /Summary\n/);
      assert.match(run.output, /, 0 outside/);
      await run.assertNothingLeft();
    });
  }

  it('is "keyspace watch", whose help it shows', async () => {
    using run = new Run('--help');
    assert.equal(await run.code(), 0);
    assert.match(run.output, /^npm start [^]*Usage: keyspace watch/);
  });

  for (const argv of [['--nonsense'], ['--until', 'soon']]) {
    it(`refuses ${argv.join(' ')} before servers are started`, async () => {
      using run = new Run(...argv);
      assert.equal(await run.code(), 2);
      assert.match(run.output, new RegExp(`${argv.at(-1)}[^]*Try: keyspace --help\n$`));
      assert.doesNotMatch(run.output, /starting/);
    });
  }

  it('watches other servers with --url, and is refused as "keyspace watch" is', async () => {
    using run = new Run('--url', 'localhost:6379');
    assert.equal(await run.code(), 2);
    assert.match(run.output, /"localhost:6379"/);
  });

  it('says what it tried when nobody answers', async () => {
    using run = new Run('--url', 'redis://user:secret@127.0.0.1:1');
    assert.equal(await run.code(), 3);
    assert.match(run.output, /redis:\/\/user@127\.0\.0\.1:1: .*ECONNREFUSED/);
    assert.doesNotMatch(run.output, /secret/);
  });
});
