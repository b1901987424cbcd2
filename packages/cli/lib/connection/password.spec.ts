import assert from 'node:assert/strict';
import { FakeIo } from '../../test/support/fake-io';
import { askPassword } from './password';

describe('askPassword', () => {
  for (const [typed, expected] of [
    [['secret\r'], 'secret'],
    [['sec', 'ret', '\n'], 'secret'],
    [['sex\u007fcret\r'], 'secret'],
    [['x\b\b\bsecret\r\n'], 'secret'],
    [['pä ss\u0004'], 'pä ss']
  ] as const) {
    it(`reads ${JSON.stringify(typed)} and shows nothing of it`, async () => {
      const io = new FakeIo();
      const asked = askPassword('Password: ', io);
      typed.forEach(text => io.stdin.type(text));
      assert.equal(await asked, expected);
      assert.equal(io.stderr.text, 'Password: \n');
      assert.deepEqual(io.stdin.rawModes, [true, false]);
      assert.equal(io.stdin.listenerCount('data') + io.stdin.listenerCount('end'), 0);
    });
  }

  it('takes what a pipe gives, however it ends', async () => {
    const io = new FakeIo();
    const asked = askPassword('', io);
    io.stdin.type('secret');
    io.stdin.emit('end');
    assert.equal(await asked, 'secret');
  });

  it('refuses an empty one', async () => {
    const io = new FakeIo();
    const asked = askPassword('', io);
    io.stdin.type('\r');
    await assert.rejects(asked, { name: 'UsageError', message: /empty/ });
    assert.deepEqual(io.stdin.rawModes, [true, false]);
  });

  it('is ended by Ctrl-C, as typed and as a signal, and gives the terminal back', async () => {
    for (const interrupt of [(io: FakeIo) => io.stdin.type('se\u0003cret\r'), (io: FakeIo) => io.controller.abort()]) {
      const io = new FakeIo();
      const asked = askPassword('', io);
      interrupt(io);
      await assert.rejects(asked, { name: 'InterruptedError', exitCode: 130 });
      assert.deepEqual(io.stdin.rawModes, [true, false]);
    }
    const late = new FakeIo();
    late.controller.abort();
    await assert.rejects(askPassword('', late), { exitCode: 130 });
  });
});
