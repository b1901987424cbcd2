import assert from 'node:assert/strict';
import { ErrorReply } from '../../upstream';
import { Registry, type Want } from '../plan/registry';
import type { NodeConnection } from './connection';
import { subscribeWants, unsubscribeWants } from './subscribe-wants';

function wantsOf(...texts: string[]): Want<string>[] {
  const names = texts.map(text => ({ bytes: Buffer.from(text), pattern: text.includes('*'), slot: undefined }));
  return new Registry<string>().add('s', names).wants;
}

/** A connection that records its commands and fails when one of `bad` is in one. */
function make(bad: Record<string, Error> = {}) {
  const commands: string[][] = [];
  const run = (command: string) => (names: readonly Buffer[], pattern: boolean) => {
    const texts = names.map(String);
    commands.push([`${pattern ? 'P' : ''}${command}`, ...texts]);
    const error = texts.map(text => bad[text]).find(Boolean);
    return error ? Promise.reject(error) : Promise.resolve();
  };
  return {
    commands,
    connection: { subscribe: run('SUBSCRIBE'), unsubscribe: run('UNSUBSCRIBE') } as unknown as NodeConnection
  };
}

const noperm = new ErrorReply('NOPERM no');

describe('subscribing', () => {
  it('takes one command for the channels and then one for the patterns', async () => {
    const { commands, connection } = make();
    assert.deepEqual(await subscribeWants(connection, wantsOf('p*', 'a', 'b', 'q*'), 'h:1'), []);
    assert.deepEqual(commands, [
      ['SUBSCRIBE', 'a', 'b'],
      ['PSUBSCRIBE', 'p*', 'q*']
    ]);
  });

  it('sends nothing for nothing', async () => {
    const { commands, connection } = make();
    assert.deepEqual(await subscribeWants(connection, [], 'h:1'), []);
    await unsubscribeWants(connection, []);
    assert.deepEqual(commands, []);
  });

  it('cuts a long list into several commands', async () => {
    const { commands, connection } = make();
    const wants = wantsOf(...Array.from({ length: 125_000 }, (_, index) => `k${index}`));
    await subscribeWants(connection, wants, 'h:1');
    assert.deepEqual(
      commands.map(({ length }) => length - 1),
      [50_000, 50_000, 25_000]
    );
    assert.deepEqual(
      commands.flatMap(([, ...names]) => names),
      wants.map(({ text }) => text)
    );
  });

  it('asks one by one for the names of a refused command, so that the others are not affected', async () => {
    const { commands, connection } = make({ b: noperm, 'q*': noperm });
    const wants = wantsOf('a', 'b', 'c', 'p*', 'q*');
    const refusals = await subscribeWants(connection, wants, 'h:1');
    assert.deepEqual(refusals.map(({ want }) => want.text).sort(), ['b', 'q*']);
    const { error } = refusals.find(({ want }) => want.text === 'q*')!;
    assert.deepEqual([error.node, error.channel, error.rule, error.cause], ['h:1', 'q*', '&q*', noperm]);
    assert.deepEqual(
      commands
        .filter(({ length }) => length === 2)
        .map(([, name]) => name)
        .sort(),
      ['a', 'b', 'c', 'p*', 'q*']
    );
  });

  it('does not ask again for a single name that is refused', async () => {
    const { commands, connection } = make({ a: noperm });
    assert.equal((await subscribeWants(connection, wantsOf('a'), 'h:1')).length, 1);
    assert.equal(commands.length, 1);
  });

  it('throws what is no answer of the server', async () => {
    const { connection } = make({ a: new Error('closed') });
    await assert.rejects(subscribeWants(connection, wantsOf('a', 'b'), 'h:1'), /closed/);
  });

  it('unsubscribes channels and patterns, by a command each', async () => {
    const { commands, connection } = make();
    await unsubscribeWants(connection, wantsOf('a', 'p*', 'b'));
    assert.deepEqual(commands, [
      ['UNSUBSCRIBE', 'a', 'b'],
      ['PUNSUBSCRIBE', 'p*']
    ]);
  });
});
