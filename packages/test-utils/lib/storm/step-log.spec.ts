import assert from 'node:assert/strict';
import { StepLog, relativeTo } from './step-log';

describe('the log of steps', () => {
  it('knows what is under way, also when it fails', async () => {
    const log = new StepLog();
    await assert.rejects(
      log.during('outer', () =>
        log.during('inner', () => {
          assert.equal(log.current, 'outer > inner');
          return Promise.reject(new Error('no'));
        })
      )
    );
    assert.equal(log.current, '');
    assert(log.records.every(({ since, until }) => since <= until && until < Infinity));
  });

  it('tells a time relative to the innermost step, or to the one that ended last', () => {
    const steps = [
      { name: 'restart', since: 100, until: 300 },
      { name: 'failover', since: 150, until: 200 },
      { name: 'pause', since: 400, until: Infinity }
    ];
    assert.equal(relativeTo(steps, 50), 'before the first step');
    assert.equal(relativeTo(steps, 160), 'failover +10 ms');
    assert.equal(relativeTo(steps, 250), 'restart +150 ms');
    assert.equal(relativeTo(steps, 350), 'after restart +50 ms');
    assert.equal(relativeTo(steps, 5_000), 'pause +4600 ms');
  });
});
