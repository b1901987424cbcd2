import assert from 'node:assert/strict';
import { FakeIo } from '../test/support/fake-io';
import { Screen } from './screen';

describe('Screen', () => {
  it('draws a table in the place of the last one, and lines above it', async () => {
    const io = new FakeIo({ isTTY: true });
    const screen = new Screen(io);
    await screen.table(['a', 'b']);
    await screen.table(['c']);
    await screen.line('kept');
    assert.equal(io.stdout.text, 'a\nb\n\u001b[2A\r\u001b[0Jc\n\u001b[1A\r\u001b[0Jkept\nc\n');
    screen.end();
    await screen.line('below');
    assert.ok(io.stdout.text.endsWith('c\nbelow\n'));
  });

  it('cuts what would wrap or not fit, since it could not be erased', async () => {
    const io = new FakeIo({ isTTY: true });
    io.stdout.columns = 5;
    io.stdout.rows = 3;
    await new Screen(io).table(['123456789', '2', '3']);
    assert.equal(io.stdout.text, '1234\n2\n');
  });

  it('does not count the colours of a line, nor leave them on', async () => {
    const io = new FakeIo({ isTTY: true });
    io.stdout.columns = 5;
    await new Screen(io).table(['\u001b[1m12\u001b[22m34567']);
    assert.equal(io.stdout.text, '\u001b[1m12\u001b[22m34\n');
    const other = new FakeIo({ isTTY: true });
    other.stdout.columns = 5;
    await new Screen(other).table(['\u001b[1m1234567\u001b[22m']);
    assert.equal(other.stdout.text, '\u001b[1m1234\u001b[22m\n');
  });

  it('writes plain lines where there is no terminal', async () => {
    const io = new FakeIo();
    const screen = new Screen(io);
    await screen.table(['a', 'b']);
    await screen.table(['c']);
    await screen.line('kept');
    assert.equal(io.stdout.text, 'a\nb\n\nc\n\nkept\n');
    assert.equal(screen.height, undefined);
  });

  it('gives a promise while the reader is slow', async () => {
    const io = new FakeIo();
    io.stdout.isFull = true;
    let drained = false;
    const pending = new Screen(io).line('a')!.then(() => assert.ok(drained));
    drained = true;
    io.stdout.emit('drain');
    await pending;
  });
});
