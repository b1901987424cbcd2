import assert from 'node:assert/strict';
import type { Service } from '../../lib/elasticache/service';
import { InterruptedError } from '../../lib/errors';
import { verify, type SelfTest, type VerifyOptions } from '../../lib/elasticache/verify';
import { FakeElastiCache } from './fake-elasticache';
import { serviceOf } from './service';

describe('verify on ElastiCache', () => {
  let fake: FakeElastiCache;
  let service: Service;
  beforeEach(async () => {
    fake = await FakeElastiCache.start();
    service = serviceOf(fake);
    fake.account.parameterGroups.create('on', 'redis7', { 'notify-keyspace-events': 'Kx' });
  });
  afterEach(async () => {
    service.close();
    await fake.stop();
  });

  const run = (options: Partial<VerifyOptions> = {}) => verify(service, { wanted: { id: 'mine' }, ...options });

  it('has nothing to say of a group with letters that is applied', async () => {
    fake.account.addGroup('mine', { parameterGroup: 'on' });
    const { findings, value, applied, parameterGroup, selfTest } = await run();
    assert.deepEqual([findings, value, applied, parameterGroup, selfTest], [[], 'Kx', 'in-sync', 'on', 'skipped']);
    assert.deepEqual(fake.changes, []);
  });

  it('finds notifications off, and names the command that helps', async () => {
    fake.account.addCluster('mine');
    const [finding] = (await run()).findings;
    assert.deepEqual([finding.code, finding.remedy], ['off', 'keyspace elasticache enable --cluster-id mine']);
    assert.match(finding.message, /"" in default\.redis7, which AWS does not let anybody change/);
  });

  it('finds letters missing that are asked for', async () => {
    fake.account.addGroup('mine', { parameterGroup: 'on' });
    const [finding] = (await run({ letters: 'KE$x' })).findings;
    assert.equal(finding.code, 'letters-missing');
    assert.match(finding.message, /it lacks E\$$/);
    assert.match(finding.remedy, /--events 'KE\$x'$/);
  });

  it('finds a group that is being applied, with the node that is late', async () => {
    const group = fake.account.addGroup('mine', { parameterGroup: 'on' });
    fake.account.membersOf(group)[1].applyStatus = 'applying';
    const { applied, findings } = await run();
    assert.deepEqual([applied, findings[0].code], ['mine-002 is applying', 'not-applied']);
  });

  it('finds nodes that want a reboot', async () => {
    const group = fake.account.addGroup('mine', { parameterGroup: 'on' });
    fake.account.membersOf(group)[1].applyStatus = 'pending-reboot';
    const [finding] = (await run()).findings;
    assert.equal(finding.code, 'pending-reboot');
    assert.match(finding.remedy, /^aws elasticache reboot-cache-cluster --cache-cluster-id mine-002 /);
  });

  it('asks for no reboot where AWS makes none', async () => {
    fake.account.parameterGroups.create('big', 'redis7', { 'notify-keyspace-events': 'Kx', 'cluster-enabled': 'yes' });
    const group = fake.account.addGroup('mine', { parameterGroup: 'big', clusterMode: true });
    fake.account.membersOf(group)[0].applyStatus = 'pending-reboot';
    const [{ code, remedy }] = (await run()).findings;
    assert.equal(code, 'pending-reboot');
    assert.match(remedy, /^AWS reboots no nodes of a cache with cluster mode on/);
  });

  it('refuses while members have different groups', async () => {
    const group = fake.account.addGroup('mine', { parameterGroup: 'on' });
    fake.account.membersOf(group)[1].parameterGroup = 'default.redis7';
    await assert.rejects(run(), {
      code: 'ELASTICACHE_STATE',
      message: /between parameter groups: on, default\.redis7/
    });
  });

  describe('with a self-test', () => {
    const asked: string[] = [];
    const passes: SelfTest = (url, letters) => {
      asked.push(`${url} ${letters}`);
      return Promise.resolve({ passed: true, details: ['set heard'] });
    };
    const port = () => Number(new URL(fake.url).port);
    beforeEach(() => asked.splice(0));

    it('runs it at the endpoint if that can be reached', async () => {
      fake.account.addGroup('mine', { parameterGroup: 'on', endpoint: { host: '127.0.0.1', port: port() } });
      const { selfTest, selfTestDetails, findings } = await run({ selfTest: passes });
      assert.deepEqual([selfTest, selfTestDetails, findings], ['passed', ['set heard'], []]);
      assert.deepEqual(asked, [`redis://127.0.0.1:${port()} Kx`]);
    });

    it('gives it a URL with TLS where the cache has TLS', async () => {
      const endpoint = { host: '127.0.0.1', port: port() };
      fake.account.addGroup('mine', { parameterGroup: 'on', clusterMode: false, tls: true, endpoint });
      assert.equal((await run({ selfTest: passes })).url, `rediss://127.0.0.1:${port()}`);
      assert.deepEqual(asked, [`rediss://127.0.0.1:${port()} Kx`]);
    });

    it('says that the endpoint cannot be reached, which is no finding', async () => {
      fake.account.addGroup('mine', { parameterGroup: 'on', endpoint: { host: '127.0.0.1', port: 1 } });
      const { selfTest, findings } = await run({ selfTest: passes });
      assert.deepEqual([selfTest, findings, asked], ['unreachable', [], []]);
    });

    it('leaves it out where nothing is on: there is one finding, and no second one that follows from it', async () => {
      fake.account.addGroup('mine', { endpoint: { host: '127.0.0.1', port: port() } });
      const { selfTest, findings } = await run({ selfTest: passes });
      assert.deepEqual([selfTest, findings.map(({ code }) => code), asked], ['skipped', ['off'], []]);
    });

    it('is ended by Ctrl-C, which is no finding', async () => {
      fake.account.addGroup('mine', { parameterGroup: 'on', endpoint: { host: '127.0.0.1', port: port() } });
      const selfTest = () => Promise.reject(new InterruptedError());
      await assert.rejects(run({ selfTest }), InterruptedError);
    });

    const FAILURES: [title: string, selfTest: SelfTest, message: RegExp][] = [
      ['fails', () => Promise.resolve({ passed: false, details: ['del not heard'] }), /del not heard/],
      ['rejects', () => Promise.reject(new Error('NOAUTH Authentication required.')), /NOAUTH/]
    ];
    for (const [title, selfTest, message] of FAILURES) {
      it(`makes a finding of one that ${title}`, async () => {
        fake.account.addGroup('mine', { parameterGroup: 'on' });
        const { findings, selfTestDetails } = await run({ selfTest, reach: () => Promise.resolve(true) });
        assert.match(selfTestDetails.join(), message);
        assert.deepEqual(
          findings.map(({ code }) => code),
          ['self-test-failed']
        );
        assert.match(findings[0].remedy, /^keyspace doctor --url redis:\/\/mine\./);
      });
    }
  });
});
