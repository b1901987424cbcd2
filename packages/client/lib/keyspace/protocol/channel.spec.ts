import assert from 'node:assert/strict';
import * as channels from './channel';
import type { ChannelName, NamePart } from './channel';

const literal = (text: string): NamePart => ({ literal: Buffer.from(text, 'latin1') });
const glob = (text: string): NamePart => ({ glob: Buffer.from(text, 'latin1') });

describe('channel names', () => {
  const { keyspaceChannel, keyeventChannel, subkeyspaceChannel, subkeyeventChannel } = channels;
  const { subkeyspaceitemChannel, subkeyspaceeventChannel } = channels;

  const EXACT: readonly [name: ChannelName, text: string][] = [
    [keyspaceChannel(0, literal('user:1')), '__keyspace@0__:user:1'],
    [keyspaceChannel(0, literal('')), '__keyspace@0__:'],
    [keyspaceChannel(0, literal('what?[1]*\\')), '__keyspace@0__:what?[1]*\\'],
    [keyspaceChannel(3, literal('\xff\0\n')), '__keyspace@3__:\xff\0\n'],
    [keyeventChannel(15, literal('expired')), '__keyevent@15__:expired'],
    [subkeyspaceChannel(0, literal('h')), '__subkeyspace@0__:h'],
    [subkeyeventChannel(0, literal('hset')), '__subkeyevent@0__:hset'],
    [subkeyspaceitemChannel(0, literal('h'), literal('f\ng')), '__subkeyspaceitem@0__:h\nf\ng'],
    [subkeyspaceeventChannel(0, literal('hset'), literal('a|b')), '__subkeyspaceevent@0__:hset|a|b']
  ];
  for (const [name, text] of EXACT) {
    it(`subscribes to ${JSON.stringify(text)}`, () => {
      assert.deepEqual([name.bytes.toString('latin1'), name.pattern], [text, false]);
    });
  }

  const PATTERNS: readonly [name: ChannelName, text: string][] = [
    [keyspaceChannel(0, glob('user:*')), '__keyspace@0__:user:*'],
    [keyspaceChannel('all', glob('user:*')), '__keyspace@*__:user:*'],
    [keyspaceChannel('all', literal('what?')), '__keyspace@*__:what\\?'],
    [keyeventChannel(0, glob('*')), '__keyevent@0__:*'],
    [keyeventChannel('all', literal('expired')), '__keyevent@*__:expired'],
    [subkeyspaceitemChannel(0, literal('a*]'), glob('f*')), '__subkeyspaceitem@0__:a\\*]\nf*'],
    [subkeyspaceitemChannel(0, glob('h*'), literal('f[1]')), '__subkeyspaceitem@0__:h*\nf\\[1]'],
    [subkeyspaceitemChannel(0, glob('h\\'), literal('f')), '__subkeyspaceitem@0__:h\\\\\nf'],
    [subkeyspaceitemChannel(0, glob('h[ab'), literal('f]')), '__subkeyspaceitem@0__:h[ab]\nf]'],
    [subkeyspaceeventChannel(0, glob('h*'), literal('k')), '__subkeyspaceevent@0__:h*|k'],
    [subkeyspaceeventChannel('all', literal('hset'), glob('[ab')), '__subkeyspaceevent@*__:hset|[ab']
  ];
  for (const [name, text] of PATTERNS) {
    it(`subscribes to the pattern ${JSON.stringify(text)}, and to no other form of it`, () => {
      assert.deepEqual([name.bytes.toString('latin1'), name.pattern], [text, true]);
    });
  }
});
