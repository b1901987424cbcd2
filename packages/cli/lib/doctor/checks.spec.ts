import assert from 'node:assert/strict';
import { fleetNode, type Fleet } from '../fleet/fleet';
import { serverInfoOf } from '../fleet/server-info';
import { styleOf } from '../style';
import { wantsOf } from '../wants';
import { checkAccess } from './checks/access';
import { checkBuffers } from './checks/buffers';
import { checkCost } from './checks/cost';
import { checkExpiry } from './checks/expiry';
import { checkNodes } from './checks/nodes';
import { checkNotifications } from './checks/notifications';
import { checkVersions } from './checks/versions';
import type { NodeFacts } from './facts';
import { keyOn } from './node-keys';
import { diagnosisLines, diagnosisRecords } from './report';

const NODE = fleetNode({ host: 'a', port: 1 }, 'primary', { slots: [[0, 16_383]] });
const OTHER = fleetNode({ host: 'b', port: 1 }, 'replica');
const FLEET: Fleet = { kind: 'cluster', asked: 'a:1', nodes: [NODE, OTHER] };
const EVERYTHING = { patterns: [], events: [], databases: undefined, subkeys: false };
const WANTS = wantsOf(EVERYTHING, { cluster: true });

function facts(info: Record<string, string> = {}, rest: Partial<NodeFacts> = {}): NodeFacts {
  const all = new Map(Object.entries({ redis_version: '8.6.3', ...info }));
  return { node: NODE, info: all, server: serverInfoOf(all), access: [], ...rest };
}

describe('what is wanted', () => {
  it('is everything by either channel where nothing is named', () => {
    assert.equal(WANTS.flags, 'AKE');
    assert.deepEqual(
      WANTS.channels.map(({ name }) => name),
      ['__keyspace@0__:*', '__keyevent@0__:*']
    );
  });

  it('is the event alone where only events are named, and restore with del in a cluster', () => {
    const { flags, channels } = wantsOf({ ...EVERYTHING, events: ['del'] }, { cluster: true, database: 0 });
    assert.equal(flags, 'gE');
    assert.deepEqual(
      channels.map(({ name }) => name),
      ['__keyevent@0__:del', '__keyevent@0__:restore']
    );
  });
});

describe('checkNodes', () => {
  it('tells slots without an owner, a node that does not answer, and a replica without its primary', () => {
    const fleet = { ...FLEET, nodes: [{ ...NODE, slots: [[0, 99] as const] }, OTHER] };
    const link = { master_link_status: 'down', master_host: 'a', master_port: '1' };
    const found = checkNodes(fleet, [facts({}, { error: 'refused' }), facts(link, { node: OTHER })]);
    assert.deepEqual(
      found.map(({ level }) => level),
      ['problem', 'problem', 'warning']
    );
    assert.match(found[0].message, /^slots 100-16383 have no owner/);
    assert.match(found[1].remedy!, /CLUSTER FORGET/);
    assert.match(found[2].message, /lost its primary a:1/);
  });

  it('tells how to be let in by a node that refuses', () => {
    const [{ remedy }] = checkNodes(FLEET, [facts({}, { error: 'WRONGPASS invalid username-password pair' })]);
    assert.match(remedy!, /--password-file/);
  });

  it('only warns of a replica whose address may be meant for others', () => {
    const fleet = { ...FLEET, kind: 'standalone' } as const;
    assert.equal(checkNodes(fleet, [facts({}, { node: OTHER, error: 'refused' })])[0].level, 'warning');
  });
});

describe('checkVersions', () => {
  const CASES: [info: Record<string, string>, text: RegExp][] = [
    [{ redis_version: '7.0.15' }, /^Redis 7\.0\.15: has canaries; no announced promotions, no atomic moves of slots/],
    [{ redis_version: '6.2.0' }, /^Redis 6\.2\.0: no canaries/],
    [{ redis_version: '7.2.4', valkey_version: '9.1.2' }, /^Valkey 9\.1\.2: has .* and 4 databases; no subkeys$/],
    [{ redis_version: '255.255.255' }, /and subkeys; no other database than 0$/]
  ];
  for (const [info, text] of CASES) {
    it(`says what ${info.valkey_version ?? info.redis_version} can`, () => {
      const clusterDatabases = info.valkey_version ? 4 : undefined;
      const [{ level, message }] = checkVersions(FLEET, [facts(info, { clusterDatabases })], WANTS);
      assert.match(message, text);
      assert.equal(level, 'ok');
    });
  }

  it('is a problem where subkeys are wanted of a server that has none', () => {
    const wants = wantsOf({ ...EVERYTHING, patterns: ['a'], subkeys: true }, { cluster: true });
    assert.equal(checkVersions(FLEET, [facts()], wants)[0].level, 'problem');
    assert.equal(checkVersions(FLEET, [facts({ redis_version: '8.8.0' })], wants)[0].level, 'ok');
  });

  it('is no problem where INFO is refused', () => {
    assert.equal(checkVersions(FLEET, [facts({}, { server: undefined })], WANTS)[0].level, 'info');
  });
});

describe('checkNotifications', () => {
  const of = (notify: string | undefined, events: readonly string[] = [], info = {}) => {
    const wants = wantsOf({ ...EVERYTHING, events }, { cluster: true });
    return checkNotifications(FLEET, [facts(info, { notify, notifyError: 'NOPERM' })], wants, 'elasticache')[0];
  };

  it('compares letters as sets', () => {
    assert.equal(of('AKE').level, 'ok');
    assert.equal(of('g$lshzxetdKE').level, 'ok');
    assert.equal(of('xE', ['expired']).level, 'ok');
    assert.deepEqual([of('xK', ['expired']).level, of('xK', ['expired']).details!.missing], ['problem', 'E']);
  });

  it('tells what cannot be seen, what cannot be had, and where it is set', () => {
    assert.equal(of('AKE', ['new']).level, 'info');
    assert.match(of('KE', ['overwritten'], { redis_version: '7.0.0' }).remedy!, /Redis 7\.0\.0 does not know "o"/);
    assert.match(of('', ['set']).remedy!, /^keyspace enable --events '\$E' .* on every node/);
    assert.deepEqual([of(undefined).level, of(undefined).message], ['warning', 'does not tell what is on: NOPERM']);
    assert.match(
      of(undefined).remedy!,
      /parameter group .*ElastiCache.*: keyspace elasticache enable --events AKE does/
    );
  });
});

describe('checkCost', () => {
  const info = {
    uptime_in_seconds: '10',
    cmdstat_set: 'calls=1000,usec=1',
    cmdstat_hset: 'calls=20,usec=1',
    expired_keys: '50',
    keyspace_misses: '100'
  };

  it('reckons the publishes of what is on and of what is needed', () => {
    const wants = wantsOf({ ...EVERYTHING, events: ['set'] }, { cluster: true });
    const [cost, unneeded] = checkCost(FLEET, [facts(info, { notify: 'AKE' })], wants);
    assert.equal(cost.details!.publishesPerSecond, 214);
    assert.equal(cost.details!.publishesPerSecondNeeded, 100);
    assert.match(unneeded.message, /^"glshzxet" is on and not needed.*: 14\.0 publishes a second$/);
    assert.match(cost.lines![0], /^\$ +100\.0 events\/s +on /);
    assert.equal(cost.lines!.at(-1), 'next to nothing so far: g l s z t e');
  });

  it('says that it does not know what is on', () => {
    const [cost, ...others] = checkCost(FLEET, [facts(info)], WANTS);
    assert.match(cost.lines![0], /unknown/);
    assert.deepEqual([cost.details!.publishesPerSecond, others], [undefined, []]);
  });

  it('says nothing where INFO is refused', () => {
    assert.deepEqual(checkCost(FLEET, [facts({}, { info: new Map() })], WANTS), []);
  });
});

describe('checkAccess', () => {
  it('gathers the rules, those without which nothing is heard apart', () => {
    const access = [
      { action: 'PING', rules: ['+ping'], needed: true, refusal: undefined },
      { action: 'SUBSCRIBE a', rules: ['+subscribe', "&it's"], needed: true, refusal: 'NOPERM' },
      { action: 'CONFIG GET', rules: ['+config|get'], needed: false, refusal: 'NOPERM' }
    ];
    const found = checkAccess(FLEET, [facts({}, { user: 'app', access })]);
    assert.deepEqual(
      found.map(({ level, remedy }) => [level, remedy]),
      [
        ['problem', `ACL SETUSER app +subscribe '&it'\\''s', on every node`],
        ['warning', `ACL SETUSER app '+config|get', on every node`]
      ]
    );
  });
});

describe('checkBuffers', () => {
  const limits = (pubsub: string) => `normal 0 0 0 slave 268435456 67108864 60 pubsub ${pubsub}`;
  for (const [pubsub, level, text] of [
    ['33554432 8388608 60', 'ok', /32 MB wait for it, or 8 MB for 60 s$/],
    ['67108864 0 0', 'ok', /when 64 MB wait for it$/],
    ['1000000 8388608 60', 'warning', /1,000,000 bytes.*less than usual/],
    ['33554432 1048576 60', 'warning', /less than usual/],
    ['0 0 0', 'warning', /never cut/]
  ] as const) {
    it(`is ${level} with ${pubsub}`, () => {
      const [finding] = checkBuffers([facts({}, { bufferLimits: limits(pubsub) })]);
      assert.equal(finding.level, level);
      assert.match(finding.message, text);
    });
  }

  it('tells clients that were cut, and nothing where it is not told', () => {
    const [finding] = checkBuffers([facts({ client_output_buffer_limit_disconnections: '2' })]);
    assert.match(finding.message, /cut 2 clients/);
    assert.deepEqual(checkBuffers([facts()]), []);
  });
});

describe('checkExpiry', () => {
  for (const [expires, level, text] of [
    ['expires=0', 'ok', /^0 keys have a time: "expired" comes soon/],
    ['expires=1', 'ok', /^1 key has a time/],
    ['expires=5000', 'ok', /within seconds/],
    ['expires=10000', 'warning', /16 s or more/],
    ['expires=200000', 'warning', /89 s or more/]
  ] as const) {
    it(`is ${level} with ${expires}`, () => {
      const [finding] = checkExpiry(FLEET, [facts({ db0: `keys=300000,${expires},avg_ttl=0` })], WANTS);
      assert.equal(finding.level, level);
      assert.match(finding.message, text);
    });
  }

  it('adds up databases, and leaves out replicas and those who do not want it', () => {
    const info = { db0: 'keys=1,expires=6000', db3: 'keys=1,expires=6000' };
    assert.equal(checkExpiry(FLEET, [facts(info)], WANTS)[0].details!.volatile, 12_000);
    assert.deepEqual(checkExpiry(FLEET, [facts(info, { node: OTHER })], WANTS), []);
    const others = wantsOf({ ...EVERYTHING, events: ['set'] }, { cluster: true });
    assert.deepEqual(checkExpiry(FLEET, [facts(info)], others), []);
  });
});

describe('keyOn', () => {
  it('is in a slot of the node that stays, even if there is only one, and none without slots', () => {
    const slots = [[5, 6] as const];
    const key = keyOn({ ...NODE, slots, movingSlots: new Set([6]) }, true, 'p:')!;
    assert.match(key, /^p:\{\w+\}$/);
    assert.equal(keyOn({ ...NODE, slots, movingSlots: new Set([5, 6]) }, true, 'p:'), undefined);
    assert.equal(keyOn(OTHER, true, 'p:'), undefined);
    assert.equal(keyOn(OTHER, false, 'p:'), 'p:{0}');
  });
});

describe('the report', () => {
  const findings = [
    { level: 'ok', check: 'nodes', node: NODE, message: 'reached' },
    { level: 'ok', check: 'nodes', node: OTHER, message: 'reached' },
    { level: 'problem', check: 'notifications', node: NODE, message: 'off', remedy: 'switch it on', details: { a: 1 } },
    { level: 'warning', check: 'buffers', node: OTHER, message: 'low' }
  ] as const;
  const diagnosis = { url: 'redis://a:1', fleet: FLEET, wants: WANTS, findings };

  it('tells the same of several nodes once, and remedies below', () => {
    assert.deepEqual(diagnosisLines(diagnosis, styleOf(false)), [
      'redis://a:1: a cluster of 1 primary and 1 replica',
      'Needed for every key and every event: notify-keyspace-events AKE',
      '',
      'nodes',
      '  ok       both nodes: reached',
      '',
      'notifications',
      '  PROBLEM  primary a:1: off',
      '           -> switch it on',
      '',
      'buffers',
      '  warning  replica b:1: low',
      '',
      '1 problem, 1 warning.'
    ]);
  });

  it('is a record for each finding as JSON, and one for the sum', () => {
    const records = diagnosisRecords(diagnosis);
    assert.deepEqual(
      records.map(({ type }) => type),
      ['servers', 'finding', 'finding', 'finding', 'finding', 'summary']
    );
    assert.deepEqual(records.at(-1), { type: 'summary', ok: 2, info: 0, warning: 1, problem: 1 });
    assert.deepEqual([records[3].node, records[3].role, records[3].details], ['a:1', 'primary', { a: 1 }]);
  });
});
