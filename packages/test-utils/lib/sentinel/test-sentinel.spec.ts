import assert from 'node:assert/strict';
import { matrix } from '../servers/matrix';
import { stopAll } from '../standalone/running-servers';
import { startSentinel } from './start-sentinel';

matrix('sentinel', server => {
  after(stopAll);

  it('follows a planned failover, a crash and a return', async () => {
    const test = await startSentinel(server);
    assert.equal(test.sentinelRootNodes.length, 3);
    const first = await test.primary();
    const second = await test.failover();
    assert.notEqual(second, first);
    assert.equal(await test.primary(), second);
    assert.equal(await test.killPrimary(), first);
    await test.restart(second);
    assert.deepEqual(await test.replicas(), [second]);
    assert.equal((await second.info('replication')).get('role'), 'slave');
    await test.stop();
  }).timeout(90_000);
});
