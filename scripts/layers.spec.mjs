import assert from 'node:assert/strict';
import { Linter } from 'eslint';
import tseslint from 'typescript-eslint';
import { layers } from './support/layers.mjs';

const KEYSPACE = 'packages/client/lib/keyspace';
const PARSER = {
  files: ['**/*.ts'],
  languageOptions: { parser: tseslint.parser },
  plugins: { '@typescript-eslint': tseslint.plugin }
};

function allows(file, code) {
  const messages = new Linter().verify(code, [PARSER, ...layers], { filename: file });
  assert.deepEqual(
    messages.filter(({ fatal, ruleId }) => fatal || ruleId === null),
    []
  );
  return messages.length === 0;
}

describe('the layers', () => {
  const value = from => `import { a } from '${from}'; a();`;
  const type = from => `import type { A } from '${from}'; export type B = A;`;

  const CASES = [
    ['protocol/channel.ts', './glob', true],
    ['protocol/channel.ts', '../errors', true],
    ['protocol/channel.ts', '../plan/topology', false],
    ['protocol/channel.ts', '../keyspace', false],
    ['protocol/channel.ts', 'node:net', false],
    ['protocol/channel.ts', '@redis/client', false],
    ['plan/planner.ts', 'cluster-key-slot', true],
    ['plan/planner.ts', '../protocol', true],
    ['plan/planner.ts', '../delivery/gap', false],
    ['plan/planner.ts', 'events', false],
    ['plan/planner.ts', '../../upstream', false],
    ['delivery/queue.ts', '../plan/target', true],
    ['delivery/queue.ts', 'node:events', true],
    ['delivery/queue.ts', '../nodes/coordinator', false],
    ['delivery/queue.ts', '../../upstream', false],
    ['delivery/queue.ts', '../rescan/rescan', false],
    ['rescan/rescan.ts', '../delivery/subscription', true],
    ['rescan/rescan.ts', '../../upstream', true],
    ['rescan/rescan.ts', '../nodes/connection', false],
    ['nodes/coordinator.ts', '../../upstream', true],
    ['nodes/coordinator.ts', '../delivery/dispatcher', true],
    ['nodes/coordinator.ts', '../fronts/cluster', false],
    ['nodes/coordinator.ts', '../subscribe-call', false],
    ['nodes/coordinator.ts', '../../keyspace/fronts/cluster', false],
    ['nodes/coordinator.ts', '@redis/client', false],
    ['nodes/coordinator.ts', '../telemetry/channels', false],
    ['telemetry/channels.ts', '../nodes/roll', true],
    ['telemetry/channels.ts', 'node:diagnostics_channel', true],
    ['telemetry/channels.ts', '../keyspace', false],
    ['telemetry/channels.ts', '../../upstream', false],
    ['fronts/cluster.ts', '../telemetry/channels', true],
    ['fronts/cluster.ts', '../nodes/coordinator', true],
    ['fronts/cluster.ts', '../keyspace', true],
    ['fronts/cluster.ts', '../index', false],
    ['fronts/cluster.ts', '@redis/client', false],
    ['fronts/cluster.ts', '@redis/client/dist/lib/client', false],
    ['fronts/cluster.spec.ts', '@redis/client', true],
    ['../upstream.ts', '@redis/client/dist/lib/client', true]
  ];
  for (const [file, from, allowed] of CASES) {
    it(`${allowed ? 'let' : 'do not let'} ${file} import ${from}`, () => {
      assert.equal(allows(new URL(file, `file:///${KEYSPACE}/`).pathname.slice(1), value(from)), allowed);
    });
  }

  const COMMAND = [
    ['lib/watch/watch.ts', 'redis-keyspace', true],
    ['lib/watch/watch.ts', '../connection/detect', true],
    ['lib/watch/watch.ts', 'redis', false],
    ['lib/watch/watch.ts', '@redis/client', false],
    ['lib/watch/watch.ts', '@redis-keyspace/client', false],
    ['lib/watch/watch.ts', 'redis-keyspace/dist/lib/create', false],
    ['lib/watch/watch.ts', '../../../client/lib/keyspace/protocol', false],
    ['lib/watch/watch.ts', '@redis-keyspace/test-utils', false],
    ['test/watch.spec.ts', '@redis-keyspace/test-utils', true]
  ];
  for (const [file, from, allowed] of COMMAND) {
    it(`${allowed ? 'let' : 'do not let'} ${file} of the command import ${from}`, () => {
      assert.equal(allows(`packages/cli/${file}`, value(from)), allowed);
    });
  }

  it('let a front, and nothing below, name the types of node-redis', () => {
    assert.equal(allows(`${KEYSPACE}/fronts/cluster.ts`, type('@redis/client')), true);
    assert.equal(allows(`${KEYSPACE}/nodes/coordinator.ts`, type('@redis/client')), false);
    assert.equal(allows('packages/client/index.ts', type('@redis/client')), true);
  });
});
