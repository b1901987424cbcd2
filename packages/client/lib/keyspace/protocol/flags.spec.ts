import assert from 'node:assert/strict';
import { matrix, startStandalone, type RedisServer } from '@redis-keyspace/test-utils';
import fc from 'fast-check';
import { acceptedFlags, acceptedFlagsOf, unsupportedFlags } from './accepted-flags';
import * as flags from './flags';
import { equivalentFlags, formatFlags, isSilent, mergeFlags, NOTIFY_FLAGS, parseFlags } from './flags';

const missing = (required: string, actual: string, accepted?: string) => {
  const taken = accepted === undefined ? undefined : parseFlags(accepted);
  return formatFlags(flags.missingFlags(parseFlags(required), parseFlags(actual), taken));
};
const unknown = (required: string, actual: string) =>
  formatFlags(flags.unknownFlags(parseFlags(required), parseFlags(actual)));
const merge = (actual: string, required: string, options?: flags.MergeOptions) =>
  mergeFlags(actual, parseFlags(required), options);

const REDIS_7 = 'Ag$lshzxeKEtmdn';
const REDIS_8_6 = 'Ag$lshzxeKEtmdnoc';
const letters = fc.subarray([...NOTIFY_FLAGS]).map(set => set.join(''));

describe('formatFlags', () => {
  const CASES = [
    ['KEA', 'AKE'],
    ['KExe$', '$xeKE'],
    ['KEAg$mx', 'AKEm'],
    ['VITSmEK', 'KEmSTIV'],
    ['KEAr', 'AKEr'],
    ['', '']
  ];
  for (const [text, normal] of CASES) {
    it(`writes ${text || 'nothing'} as ${normal || 'nothing'}`, () =>
      assert.equal(formatFlags(parseFlags(text)), normal));
  }
});

describe('missingFlags', () => {
  const CASES: readonly [required: string, actual: string, missing: string, accepted?: string][] = [
    ['KA', 'AKE', ''],
    ['Kg', 'AE', 'K'],
    ['KEx', '', 'xKE'],
    ['Kx', 'KEg$', 'x'],
    ['Km', 'AKE', 'm'],
    ['Kn', 'AKE', ''],
    ['Kn', 'gKE', 'n'],
    ['Ka', 'AKE', ''],
    ['Ka', 'AKE', 'a', REDIS_7],
    ['KA', 'g$lshzxetdKE', 'A'],
    ['KA', 'g$lshzxetdKE', '', REDIS_7],
    ['KA', 'g$lshzxetdaKE', ''],
    ['Sh', 'AKE', 'S'],
    ['Kr', 'AKE', 'r']
  ];
  for (const [required, actual, expected, accepted] of CASES) {
    it(`finds '${expected}' missing in '${actual}' for '${required}'${accepted ? ' where there is no a' : ''}`, () =>
      assert.equal(missing(required, actual, accepted), expected));
  }

  it('calls n, o and c unknown, not missing, once A hides them', () => {
    assert.equal(unknown('Knoc', 'AKE'), 'noc');
    assert.equal(unknown('Knoc', 'AnKE'), 'oc');
    assert.equal(unknown('Knoc', 'gKE'), '');
  });
});

describe('mergeFlags', () => {
  it('gives the text itself when nothing is missing', () => assert.equal(merge('KEA', 'Kg'), 'KEA'));
  it('adds what is missing', () => assert.equal(merge('gE', 'Kx'), 'gxKE'));
  it('sets what is required and cannot be seen', () => assert.equal(merge('AKE', 'Kn'), 'AnKE'));
  it('keeps letters that it does not know', () => assert.equal(merge('Er', 'Kg'), 'gKEr'));

  it('keeps on what the server may have on and hides', () => {
    assert.equal(merge('AE', 'K', { accepted: parseFlags(REDIS_7) }), 'AnKE');
    assert.equal(merge('AE', 'K', { accepted: parseFlags(REDIS_8_6) }), 'AnocKE');
    assert.equal(merge('AE', 'K', { accepted: parseFlags(REDIS_8_6), hidden: 'drop' }), 'AKE');
  });

  it('leaves out what would make the server refuse the rest', () => {
    const accepted = parseFlags(REDIS_7);
    assert.equal(merge('E', 'KSh', { accepted }), 'hKE');
    assert.equal(formatFlags(unsupportedFlags(parseFlags('KSh'), accepted)), 'S');
  });

  it('never takes a letter away, and leaves nothing missing', () => {
    fc.assert(
      fc.property(letters, letters, (actual, required) => {
        const merged = merge(actual, required);
        assert.equal(missing(actual, merged), '');
        assert.equal(missing(required, merged), '');
      })
    );
  });
});

describe('equivalentFlags', () => {
  it('ignores order and repetition', () => assert.ok(equivalentFlags('KEA', 'AKEKx')));
  it('tells different settings apart', () => assert.ok(!equivalentFlags('KE', 'AKE')));
  it('knows that A is ten letters only where there is no array type', () => {
    assert.ok(!equivalentFlags('KEA', 'KEg$lshzxetd'));
    assert.ok(equivalentFlags('KEA', 'KEg$lshzxetd', parseFlags(REDIS_7)));
  });
});

describe('isSilent', () => {
  for (const text of ['', 'KE', 'x', 'A', 'S', 'gS', 'STIV']) {
    it(`hears nothing by '${text}'`, () => assert.ok(isSilent(parseFlags(text))));
  }
  for (const text of ['Kx', 'AE', 'hS', 'AV', 'Km']) {
    it(`hears something by '${text}'`, () => assert.ok(!isSilent(parseFlags(text))));
  }
});

describe('acceptedFlags', () => {
  it('does not guess', () => {
    assert.equal(acceptedFlags("ERR Invalid argument 'KEAmn' for CONFIG SET 'notify-keyspace-events'"), undefined);
  });

  it('knows KeyDB and the servers to come', () => {
    assert.equal(formatFlags(acceptedFlagsOf({ product: 'keydb', version: '6.3.4' })).includes('n'), false);
    assert.equal(acceptedFlagsOf({ product: 'redis', version: '255.255.255' }).size, NOTIFY_FLAGS.length);
  });
});

matrix('flags', binary => {
  let server: RedisServer;
  before(async () => {
    server = await startStandalone(binary);
  });
  after(() => server?.stop());

  const set = (text: string) => server.command('CONFIG', 'SET', 'notify-keyspace-events', text);
  const get = async () => ((await server.command('CONFIG', 'GET', 'notify-keyspace-events')) as string[])[1];

  it('accepts the letters of its version, of which its refusal names most', async () => {
    const refusal: Error = await set('?').then(
      () => assert.fail('accepted ?'),
      error => error
    );
    const accepted = acceptedFlagsOf(binary);
    const named = acceptedFlags(refusal.message);
    assert.ok(named && named.size > 14);
    assert.deepEqual(
      [...named].filter(flag => !accepted.has(flag)),
      []
    );
    for (const flag of NOTIFY_FLAGS) {
      const isAccepted = await set(flag).then(
        () => true,
        () => false
      );
      assert.equal(isAccepted, accepted.has(flag), flag);
    }
  });

  it('writes any setting as formatFlags does, but for what A hides', async () => {
    const accepted = acceptedFlagsOf(binary);
    const withoutHidden = (text: string) => (text.includes('A') ? text.replace(/[noc]/g, '') : text);
    for (const text of fc.sample(letters, 200)) {
      const usable = [...text].filter(flag => accepted.has(flag)).join('');
      const isComplete = missing('A', usable, formatFlags(accepted)) === '';
      await set(usable);
      const answer = await get();
      assert.equal(answer, withoutHidden(formatFlags(parseFlags(isComplete ? `A${usable}` : usable))));
    }
  });

  it('still says new after a merge that could not see it', async () => {
    await set('AEn');
    await set(merge(await get(), 'K', { accepted: acceptedFlagsOf(binary) }));
    const subscriber = await (await server.client()).duplicate().connect();
    const heard: string[] = [];
    await subscriber.subscribe('__keyspace@0__:fresh', event => heard.push(event));
    await server.command('SET', 'fresh', '1');
    await subscriber.ping();
    subscriber.destroy();
    assert.deepEqual(heard, ['new', 'set']);
  });
});
