import { strict as assert } from 'node:assert';
import { aclRule } from './acl-rule';

const CASES = [
  ['__keyspace@0__:user:*', true, '&__keyspace@0__:user:*', 'a pattern as it is'],
  ['__keyspace@0__:a\\[1]:*', true, '&__keyspace@0__:a\\[1]:*', 'a pattern with its own escapes'],
  ['__keyspace@0__:user:1', false, '&__keyspace@0__:user:1', 'a plain channel as it is'],
  ['__keyspace@0__:a[1]', false, '&__keyspace@0__:a\\[1]', 'what is special in an exact channel, escaped'],
  [
    '__subkeyspaceitem@0__:user:1\nname',
    false,
    '&__subkeyspaceitem@0__:user:1?name',
    'a newline in an exact channel as ?'
  ],
  ['__keyspace@0__:two words', false, '&__keyspace@0__:two?words', 'a space in an exact channel as ?'],
  ['__subkeyspaceitem@0__:user:*\nname', true, '&*', 'no rule but &* for a pattern with a newline']
] as const;

describe('aclRule', () => {
  for (const [name, pattern, rule, title] of CASES) {
    it(`writes ${title}`, () => {
      assert.equal(aclRule({ bytes: Buffer.from(name), pattern }), rule);
    });
  }
});
