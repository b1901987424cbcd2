import assert from 'node:assert/strict';
import { formatFlags } from './flags';
import { requiredFlags, type FlagWant } from './required-flags';

describe('requiredFlags', () => {
  const CASES: readonly [flags: string, ...wants: FlagWant[]][] = [
    [''],
    ['AK', { kind: 'keyspace' }],
    ['AK', { kind: 'keyspace', events: ['*'] }],
    ['xE', { kind: 'keyevent', events: ['expired'] }],
    ['hxE', { kind: 'keyevent', events: ['hexpired'] }],
    ['g$K', { kind: 'keyspace', events: ['set', 'del'] }],
    ['AEm', { kind: 'keyevent', events: ['*', 'keymiss'] }],
    ['nK', { kind: 'keyspace', events: ['new'] }],
    ['AE', { kind: 'keyevent', events: ['json.set'] }],
    ['hS', { kind: 'subkeyspace' }],
    ['hT', { kind: 'subkeyevent', events: ['hexpired', 'h*'] }],
    ['hI', { kind: 'subkeyspaceitem' }],
    ['AV', { kind: 'subkeyspaceevent', events: ['mymodule.set'] }],
    ['AKE', { kind: 'keyspace' }, { kind: 'keyevent', events: ['set'] }],
    ['hxES', { kind: 'subkeyspace' }, { kind: 'keyevent', events: ['expired'] }]
  ];
  for (const [flags, ...wants] of CASES) {
    it(`needs '${flags}' for ${JSON.stringify(wants)}`, () => assert.equal(formatFlags(requiredFlags(wants)), flags));
  }
});
