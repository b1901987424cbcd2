import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { matrix } from '@redis-keyspace/test-utils';
import { Deployments, KINDS, type Kind } from './deployments';
import { waitForNoTrace } from './traces';

const PROGRAM = join(__dirname, 'ending-process.mjs');
const PATIENCE = 90_000;

const SCENARIOS = {
  close: ['after close()', ['heard set', 'the subscription ended', 'done']],
  destroy: ['after destroy()', ['heard set', 'the subscription ended', 'done']],
  unsubscribe: ['after the last unsubscribe() and close()', ['heard set', 'the subscription ended', 'done']],
  iterate: ['after close() while an iterator waits, which returns', ['the iterator ended after 1', 'done']],
  abandon: ['after close() with a stream that nobody reads', ['done']]
} as const;

matrix('a process', server => {
  const deployments = new Deployments(server);
  const children = new Set<ReturnType<typeof spawn>>();

  afterEach(() => {
    for (const child of children) child.kill('SIGKILL');
    children.clear();
  });

  /** Resolves when the program has exited. */
  async function run(kind: Kind, scenario: string): Promise<{ code: number | null; output: string[]; errors: string }> {
    const options = JSON.stringify(deployments.optionsOf(kind));
    const child = spawn(process.execPath, [PROGRAM, kind, scenario, options], { stdio: ['ignore', 'pipe', 'pipe'] });
    children.add(child);
    const [output, errors, code] = await Promise.all([
      textOf(child.stdout),
      textOf(child.stderr),
      new Promise<number | null>(resolve => child.on('exit', resolve))
    ]);
    children.delete(child);
    return { code, output: output.trim().split('\n'), errors };
  }

  for (const kind of KINDS) {
    for (const [scenario, [when, output]] of Object.entries(SCENARIOS)) {
      it(`with a ${kind} exits by itself ${when}, and leaves nothing on the servers`, async () => {
        assert.deepEqual(await run(kind, scenario), { code: 0, output, errors: '' });
        await waitForNoTrace(deployments.serversOf(kind));
      }).timeout(PATIENCE);
    }
  }
});

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
}
