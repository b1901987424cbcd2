import assert from 'node:assert/strict';
import sinon from 'sinon';
import { Heartbeat } from './heartbeat';

describe('heartbeat', () => {
  let clock: sinon.SinonFakeTimers;
  /** What `now()` says; the timers run by the fake clock. */
  let skew = 0;
  let answers: { resolve(): void; reject(error: Error): void }[] = [];
  let silent = 0;
  let received = 0;

  beforeEach(() => {
    clock = sinon.useFakeTimers({ now: 1_000 });
    skew = silent = received = 0;
    answers = [];
  });
  afterEach(() => clock.restore());

  function make(heartbeatInterval = 100, heartbeatTimeout = 300): Heartbeat {
    const ping = () => new Promise<void>((resolve, reject) => answers.push({ resolve, reject }));
    const options = { heartbeatInterval, heartbeatTimeout, now: () => Date.now() + skew };
    return new Heartbeat(
      options,
      ping,
      () => silent++,
      () => received
    );
  }

  it('proves, by an answer, all that was said before the PING was sent', async () => {
    const heartbeat = make();
    heartbeat.start();
    heartbeat.proven();
    assert.equal(heartbeat.provenUntil, 1_000);
    await clock.tickAsync(100);
    await clock.tickAsync(50);
    assert.equal(heartbeat.provenUntil, 1_000);
    answers[0].resolve();
    await clock.tickAsync(0);
    assert.equal(heartbeat.provenUntil, 1_100);
  });

  it('has one PING under way at a time', async () => {
    const heartbeat = make();
    heartbeat.start();
    await clock.tickAsync(250);
    assert.equal(answers.length, 1);
    answers[0].resolve();
    await clock.tickAsync(100);
    assert.equal(answers.length, 2);
  });

  it('says that a node is silent when a PING is not answered in time, and not before', async () => {
    const heartbeat = make();
    heartbeat.start();
    await clock.tickAsync(399);
    assert.equal(silent, 0);
    await clock.tickAsync(1);
    assert.equal(silent, 1);
  });

  it('does not call a node silent that goes on speaking, though the answer is late', async () => {
    const heartbeat = make();
    heartbeat.start();
    for (let tick = 0; tick < 6; tick++) {
      received++;
      await clock.tickAsync(100);
    }
    assert.equal(silent, 0);
    await clock.tickAsync(299);
    assert.equal(silent, 0);
    await clock.tickAsync(1);
    assert.equal(silent, 1);
  });

  it('does not take a late timer for silence', async () => {
    const heartbeat = make();
    heartbeat.start();
    await clock.tickAsync(100);
    // The event loop was blocked: the answer has arrived, but could not be read yet.
    skew = 5_000;
    await clock.tickAsync(100);
    assert.equal(silent, 0);
    answers[0].resolve();
    await clock.tickAsync(100);
    assert.equal(silent, 0);
    assert.equal(answers.length, 2);
  });

  it('finds silence also after a late timer', async () => {
    make().start();
    await clock.tickAsync(100);
    skew = 5_000;
    await clock.tickAsync(200);
    assert.equal(silent, 1);
  });

  it('leaves a PING that fails to the owner of the connection', async () => {
    const heartbeat = make();
    heartbeat.start();
    await clock.tickAsync(100);
    answers[0].reject(new Error('closed'));
    await clock.tickAsync(100);
    assert.equal(silent, 0);
  });

  it('does nothing when it is stopped, and takes no answer of before', async () => {
    const heartbeat = make();
    heartbeat.start();
    await clock.tickAsync(100);
    heartbeat.stop();
    answers[0].resolve();
    await clock.tickAsync(5_000);
    assert.deepEqual([answers.length, silent, heartbeat.provenUntil, clock.countTimers()], [1, 0, 0, 0]);
  });

  it('begins anew when it is started again', async () => {
    const heartbeat = make();
    heartbeat.start();
    await clock.tickAsync(300);
    heartbeat.start();
    await clock.tickAsync(300);
    assert.deepEqual([answers.length, silent], [2, 0]);
  });

  it('sends nothing with an interval of 0', async () => {
    make(0).start();
    await clock.tickAsync(10_000);
    assert.deepEqual([answers.length, clock.countTimers()], [0, 0]);
  });
});
