import assert from 'node:assert/strict';
import { parseNotification } from '../protocol';
import { toBuffers, toStrings } from './key-notification';

const parse = (channel: string, payload: string) =>
  parseNotification(Buffer.from(channel, 'latin1'), Buffer.from(payload, 'latin1'))!;

describe('key notification', () => {
  it('is a plain object of strings', () => {
    assert.deepEqual(toStrings(parse('__keyspace@3__:a:b', 'set'), 0, 'h:1'), {
      kind: 'keyspace',
      event: 'set',
      key: 'a:b',
      database: 3,
      subkeys: [],
      node: 'h:1'
    });
  });

  it('has Buffers for key and subkeys where they are asked for', () => {
    const { key, subkeys, event } = toBuffers(parse('__subkeyspace@0__:h\xff', 'hset|2:a\xfe,1:b'), 0, 'h:1');
    assert.deepEqual(
      [key, subkeys, event],
      [Buffer.from('h\xff', 'latin1'), [Buffer.from('a\xfe', 'latin1'), Buffer.from('b')], 'hset']
    );
  });

  it('has subkeys as strings', () => {
    assert.deepEqual(toStrings(parse('__subkeyevent@0__:hdel', '1:h|1:a,2:bc'), 0, 'h:1').subkeys, ['a', 'bc']);
  });

  it('leaves the prefix of the client out of the key, by bytes', () => {
    const parsed = parse('__keyevent@0__:set', 'p\xc3\xa9:k\xc3\xa9y');
    assert.equal(toStrings(parsed, 4, 'h:1').key, 'kéy');
    assert.deepEqual(toBuffers(parsed, 4, 'h:1').key, Buffer.from('kéy'));
  });

  it('says U+FFFD for bytes that are not UTF-8', () => {
    assert.equal(toStrings(parse('__keyspace@0__:a\xff', 'set'), 0, 'h:1').key, 'a\ufffd');
  });

  it('is the same whether the channel had been decoded before or not', () => {
    for (const key of ['a', '', 'k\xc3\xa9y', '\xff\xfe', 'x__:y', '\n\0']) {
      const parsed = parse(`__keyspace@12__:${key}`, 'set');
      assert.deepEqual(toStrings(parsed, 0, 'h:1', parsed.source.toString()), toStrings(parsed, 0, 'h:1'));
    }
    const parsed = parse('__keyspace@0__:p:a', 'set');
    assert.equal(toStrings(parsed, 2, 'h:1', parsed.source.toString()).key, 'a');
  });
});
