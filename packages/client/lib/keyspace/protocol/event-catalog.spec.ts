import assert from 'node:assert/strict';
import { matrix, startStandalone, waitFor, type RedisServer } from '@redis-keyspace/test-utils';
import { EVENT_CATALOG, eventClasses, findEvent, type EventName, type KnownEvent } from './event-catalog';
import type { NotifyFlag } from './flags';
import { isSince } from './server-version';

describe('eventClasses', () => {
  const CASES: readonly [event: EventName, classes: string][] = [
    ['set', '$'],
    ['del', 'g'],
    ['expired', 'x'],
    ['hexpired', 'hx'],
    ['keymiss', 'm'],
    ['new', 'n'],
    ['json.set', 'A'],
    ['', 'A'],
    ['*', 'A'],
    ['?*', 'A'],
    ['json.*', 'A'],
    ['h*', 'hx'],
    ['hs*', 'h'],
    ['x*', 't'],
    ['expire*', 'gx'],
    ['*expired', 'hx'],
    ['n*', 'n'],
    ['key*', 'm'],
    ['*_changed', 'c'],
    ['*store', 'glsz']
  ];
  for (const [event, classes] of CASES) {
    it(`asks for '${classes}' to hear '${event}'`, () => assert.equal(eventClasses(event).join(''), classes));
  }
});

describe('the event catalogue', () => {
  it('names each event once', () => {
    assert.equal(new Set(EVENT_CATALOG.map(({ event }) => event)).size, EVENT_CATALOG.length);
  });

  it('completes names and lets others pass', () => {
    const known: KnownEvent = 'rename_from';
    const names: readonly EventName[] = [known, 'json.set'];
    assert.ok(findEvent(names[0]));
    assert.equal(findEvent(names[1]), undefined);
  });

  for (const event of [
    'unlink',
    'setex',
    'incr',
    'decr',
    'decrby',
    'getdel',
    'lmove',
    'xclaim',
    'mset',
    'rename',
    'copy'
  ]) {
    it(`has no '${event}', which no server says`, () => assert.equal(findEvent(event), undefined));
  }
});

/** Commands that make a server say all that it can say; a server that does not know one refuses it, which is fine. */
const COMMANDS = `
  SET s 1|SETEX s 100 1|APPEND s 1|SETRANGE s 0 x|SETBIT s 1 1|SET i 1|INCR i|DECRBY i 2|INCRBYFLOAT i 1.5|MSET a 1 b 2
  GETSET a 2|GETEX a EX 100|PERSIST a|GETDEL b|PFADD p x|PFMERGE q p|BITOP NOT n a|BITFIELD f SET u8 0 1|EXPIRE a 100
  RENAME a c|COPY c d|COPY c e DB 1|MOVE d 2|UNLINK c|GET nothing|MSETEX 1 mx 1 EX 100|DELIFEQ mx 1|DELEX mx
  SET dump 1|RPUSH l 3 1 2|LPUSH l 0|LPOP l|RPOP l|LINSERT l BEFORE 1 9|LSET l 0 8|LREM l 1 1|RPUSH l 4 5 6|LTRIM l 0 1
  SORT l STORE m|LMOVE l m LEFT RIGHT|LMPOP 1 m LEFT|SADD t a b c d|SREM t a|SPOP t|SADD u a b c|SMOVE u t a
  SINTERSTORE v t t|SUNIONSTORE v t u|SDIFFSTORE v t nothing|ZADD z 1 a 2 b 3 c 4 d 5 e 6 f 7 g 8 h|ZINCRBY z 1 a
  ZADD z INCR 1 a|ZREM z a|ZPOPMIN z|ZPOPMAX z|ZREMRANGEBYSCORE z 4 4|ZREMRANGEBYRANK z 0 0|ZADD y 0 a 0 b
  ZREMRANGEBYLEX y [a [a|ZUNIONSTORE w 1 z|ZINTERSTORE w 1 z|ZDIFFSTORE w 2 z y|ZRANGESTORE w z 0 -1|ZMPOP 1 w MIN
  GEOADD g 13 38 x 15 37 y|GEORADIUS g 15 37 200 km STORE g2|GEOSEARCHSTORE g3 g FROMMEMBER x BYRADIUS 500 km
  HSET h a 1 b 2 c 3|HSETNX h d 1|HINCRBY h a 1|HINCRBYFLOAT h b 1.5|HDEL h c|HEXPIRE h 100 FIELDS 1 a
  HPERSIST h FIELDS 1 a|HSETEX h EX 100 FIELDS 1 e 1|HGETEX h EX 100 FIELDS 1 a|HGETDEL h FIELDS 1 b
  HSET he a 1 b 2|HPEXPIRE he 1 FIELDS 1 a|XADD x 1-1 f v|XADD x 2-1 f v|XADD x MAXLEN 2 3-1 f v|XDEL x 2-1|XTRIM x MAXLEN 1
  XSETID x 9-9|XGROUP CREATE x grp $|XGROUP CREATECONSUMER x grp c1|XREADGROUP GROUP grp c2 STREAMS x >
  XGROUP SETID x grp 0|XGROUP DELCONSUMER x grp c1|XREADGROUP GROUP grp c3 COUNT 1 STREAMS x >|XACK x grp 3-1
  XACKDEL x grp IDS 1 3-1|XDELEX x IDS 1 3-1|XCFGSET x IDMP-DURATION 10|XGROUP DESTROY x grp|VADD vs VALUES 2 1 1 el
  VREM vs el|ARSET ar 0 v|ARINSERT ar v|ARDEL ar 0 1|SET h 1|SET x 1 GET|SETEX gone 1 1|SET s 2|DEL s i|EVAL return 0
`
  .split(/[|\n]/)
  .map(line => line.trim().split(' '))
  .filter(([name]) => name !== '');

matrix('the event catalogue', binary => {
  let server: RedisServer;
  const heard = new Map<string, Set<string>>();

  before(async () => {
    server = await startStandalone(binary, { config: { 'notify-keyspace-events': '' } });
    const accepted = new Set(binary.supports('subkeys') ? 'g$lshzxetdanocm' : 'g$lshzxetdnocm') as Set<NotifyFlag>;
    for (const flag of accepted) {
      const events = await eventsWith(server, flag).catch(refuseOnly);
      if (events !== undefined) heard.set(flag, events);
    }
  });
  after(() => server?.stop());

  it('has every event, under the class that makes the server say it', () => {
    for (const [flag, events] of heard) {
      for (const event of events) {
        const entry = findEvent(event);
        assert.ok(entry?.flag === flag || entry?.alsoFlag === flag, `'${event}' came with KE${flag}`);
      }
    }
  });

  it('has no event that this version should say and does not', () => {
    const said = new Set([...heard.values()].flatMap(events => [...events]));
    const expected = EVENT_CATALOG.filter(({ since }) => isSince(binary, since)).map(({ event }) => event);
    assert.deepEqual(
      expected.filter(event => !said.has(event)),
      []
    );
    assert.deepEqual(
      [...said].filter(event => !expected.includes(event as KnownEvent)),
      []
    );
  });
});

/** All events that come with `KE` and one class. */
async function eventsWith(server: RedisServer, flag: NotifyFlag): Promise<Set<string>> {
  await server.command('FLUSHALL');
  await server.command('CONFIG', 'SET', 'notify-keyspace-events', `KE${flag}`);
  const client = await server.client();
  const events = new Set<string>();
  const listener = (_: string, channel: string) => events.add(channel.slice(channel.indexOf('__:') + 3));
  const subscriber = await client.duplicate().connect();
  try {
    await subscriber.pSubscribe('__keyevent@*__:*', listener);
    for (const args of COMMANDS) await server.command(...args).catch(() => undefined);
    await restoreExpireAndEvict(server);
    await subscriber.ping();
  } finally {
    subscriber.destroy();
  }
  return events;
}

async function restoreExpireAndEvict(server: RedisServer): Promise<void> {
  await server.command('EVAL', "return redis.call('RESTORE', 'restored', 0, redis.call('DUMP', 'dump'))", 0);
  await server.command('SET', 'short', '1', 'PX', '1');
  await waitFor('the key to expire', async () => (await server.command('EXISTS', 'short')) === 0);
  if (isSince(server.binary, findEvent('hexpired')!.since)) {
    await waitFor('the field to be removed', async () => (await server.command('HLEN', 'he')) === 1);
  }
  await server.command('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-random');
  await server.command('CONFIG', 'SET', 'maxmemory', '1');
  await server.command('SET', 'more', '1').catch(() => undefined);
  await server.command('CONFIG', 'SET', 'maxmemory', '0');
}

/** A class that the server does not know is none of its catalogue. */
function refuseOnly(error: Error): undefined {
  if (!/Invalid event class/.test(error.message)) throw error;
}
