import assert from 'node:assert/strict';
import sinon from 'sinon';
import { within } from './within';

describe('within', () => {
  let clock: sinon.SinonFakeTimers;
  beforeEach(() => (clock = sinon.useFakeTimers()));
  afterEach(() => clock.restore());

  const late = () => new Error('late');
  const never = () => new Promise<void>(() => {});

  it('resolves with the work, rejects with it, and leaves no timer', async () => {
    await within(Promise.resolve(), 100, late);
    await assert.rejects(within(Promise.reject(new Error('failed')), 100, late), /failed/);
    assert.equal(clock.countTimers(), 0);
  });

  it('waits no longer than it is told', async () => {
    const waited = assert.rejects(within(never(), 100, late), /late/);
    await clock.tickAsync(100);
    await waited;
  });

  it('ends when the signal does, with its reason, and takes its listener away', async () => {
    const controller = new AbortController();
    const waited = assert.rejects(within(never(), 100, late, controller.signal), /enough/);
    controller.abort(new Error('enough'));
    await waited;
    assert.equal(clock.countTimers(), 0);
    const { signal } = new AbortController();
    const remove = sinon.spy(signal, 'removeEventListener');
    await within(Promise.resolve(), 100, late, signal);
    assert.equal(remove.callCount, 1);
  });

  it('lets nobody hear of work that fails when nobody waits any more', async () => {
    let fail = (_: Error) => {};
    const work = new Promise<void>((_, reject) => (fail = reject));
    const waited = assert.rejects(within(work, 100, late), /late/);
    await clock.tickAsync(100);
    await waited;
    fail(new Error('unheard'));
  });
});
