import assert from 'node:assert/strict';
import { ErrorReply } from '../../upstream';
import { isCarried } from './carried-key';

/** A node that answers a question about a key, and everything else with OK. */
function node(answer: unknown) {
  const said: string[] = [];
  const command = <T>(args: readonly (string | Buffer)[]): Promise<T> => {
    said.push(args.join(' '));
    const reply = args[0] === 'OBJECT' ? answer : 'OK';
    return reply instanceof Error ? Promise.reject(reply) : Promise.resolve(reply as T);
  };
  return { command, said };
}

describe('a carried key', () => {
  const KEY = Buffer.from('k');
  const redirection = (kind: string) => new ErrorReply(`${kind} 100 127.0.0.1:7001`);
  const ask = (source: unknown, target: unknown, database = 0) => {
    const nodes = { source: node(source), target: node(target) };
    const find = (address: string) => Promise.resolve(address === '127.0.0.1:7001' ? nodes.target : undefined);
    return { ...nodes, carried: isCarried(nodes.source, find, KEY, database) };
  };

  for (const kind of ['ASK', 'MOVED']) {
    it(`is one that its node redirects by ${kind} to a node that has it`, async () => {
      const { carried, target } = ask(redirection(kind), 'embstr');
      assert.equal(await carried, true);
      assert.deepEqual(target.said, ['ASKING', 'OBJECT ENCODING k']);
    });
  }

  it('is none that nobody has', async () => {
    const { carried, target } = ask(null, 'embstr');
    assert.equal(await carried, false);
    assert.deepEqual(target.said, []);
    assert.equal(await ask(redirection('ASK'), null).carried, false);
  });

  it('is none that was made again where it was', async () => {
    assert.equal(await ask('embstr', 'embstr').carried, false);
  });

  it('is none when the question is refused, or the redirection leads to nobody known', async () => {
    assert.equal(await ask(new ErrorReply('NOPERM no permission'), 'embstr').carried, false);
    assert.equal(await ask(new ErrorReply('ASK 100 127.0.0.1:7009'), 'embstr').carried, false);
  });

  it('is looked for in its own database, and the connection comes back to its first', async () => {
    const { carried, source, target } = ask(redirection('ASK'), 'embstr', 3);
    assert.equal(await carried, true);
    assert.deepEqual(source.said, ['SELECT 3', 'OBJECT ENCODING k', 'SELECT 0']);
    assert.deepEqual(target.said, ['SELECT 3', 'ASKING', 'OBJECT ENCODING k', 'SELECT 0']);
  });

  it('fails when the node it leads to cannot be asked', async () => {
    await assert.rejects(ask(redirection('ASK'), new ErrorReply('TRYAGAIN')).carried, /TRYAGAIN/);
  });
});
