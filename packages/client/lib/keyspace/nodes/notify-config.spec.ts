import assert from 'node:assert/strict';
import { parseFlags } from '../protocol';
import { checkNotify, enableNotify, type NotifyNode } from './notify-config';

const NODE: NotifyNode = { address: 'h:1', host: 'h', port: 1, role: 'primary' };
const KEYS = parseFlags('Kg$');

/** A server with a setting; `get` shapes what CONFIG GET answers, `refuse` names what it refuses. */
function server(
  flags: string,
  {
    info = 'redis_version:8.0.0',
    refuse = '',
    shape = 'map'
  }: { info?: string; refuse?: string; shape?: 'map' | 'list' | 'nothing' } = {}
) {
  const state = { flags, commands: [] as string[] };
  const send = (args: readonly string[]): Promise<unknown> => {
    const [command, sub] = args;
    state.commands.push(args.join(' '));
    if (refuse && args.join(' ').startsWith(refuse)) return Promise.reject(new Error(`NOPERM ${refuse}`));
    if (command === 'INFO') return Promise.resolve(`# Server\r\n${info}\r\n`);
    if (sub === 'SET') {
      state.flags = args[3];
      return Promise.resolve('OK');
    }
    const setting = 'notify-keyspace-events';
    if (shape === 'nothing') return Promise.resolve({});
    return Promise.resolve(shape === 'list' ? [setting, state.flags] : { [setting]: state.flags });
  };
  return { send, state };
}

describe('checking notifications', () => {
  for (const shape of ['map', 'list'] as const) {
    it(`reads CONFIG GET as a ${shape}`, async () => {
      const report = await checkNotify(server('AKE', { shape }).send, NODE, KEYS);
      assert.deepEqual([report.flags, report.missing, report.hint, report.error], ['AKE', '', undefined, undefined]);
    });
  }

  it('says what is missing, and the command that adds it, quoted for a shell', async () => {
    const report = await checkNotify(server('Kx').send, NODE, KEYS);
    assert.deepEqual([report.node, report.role, report.flags, report.missing], ['h:1', 'primary', 'Kx', 'g$']);
    assert.match(report.hint!, /redis-cli -h h -p 1 CONFIG SET notify-keyspace-events 'g\$xK'/);
  });

  it('says what the version of the server cannot say', async () => {
    const report = await checkNotify(server('K', { info: 'redis_version:7.0.0' }).send, NODE, parseFlags('KS'));
    assert.equal(report.missing, 'S');
    assert.match(report.hint!, /does not know "S"/);
  });

  for (const [what, options] of [
    ['refuses CONFIG', { refuse: 'CONFIG GET' }],
    ['answers nothing', { shape: 'nothing' }]
  ] as const) {
    it(`calls it unknown where the server ${what}, with a hint for managed services`, async () => {
      const report = await checkNotify(server('K', options).send, NODE, KEYS);
      assert.deepEqual([report.flags, report.missing, report.required], [undefined, '', 'g$K']);
      assert.match(report.hint!, /ElastiCache/);
      assert.match(report.error!, /NOPERM|answered nothing/);
    });
  }
});

describe('enabling notifications', () => {
  it('sends nothing where nothing is missing', async () => {
    const { send, state } = server('AKE');
    await enableNotify(send, NODE, KEYS);
    assert.ok(state.commands.every(command => !command.startsWith('CONFIG SET')));
  });

  it('adds exactly what is missing, and takes nothing away', async () => {
    const { send, state } = server('Ex');
    const report = await enableNotify(send, NODE, KEYS);
    assert.deepEqual([...parseFlags(state.flags)].sort(), [...parseFlags('ExKg$')].sort());
    assert.deepEqual([report.missing, report.hint], ['', undefined]);
  });

  for (const info of [
    'redis_version:7.0.0',
    'redis_version:7.2.4\r\nvalkey_version:9.0.0',
    'redis_version:6.3.4\r\nkeydb',
    ''
  ]) {
    it(`does not send a letter that ${JSON.stringify(info)} would refuse with all the others`, async () => {
      const { send, state } = server('', { info });
      await enableNotify(send, NODE, parseFlags('Kg'));
      assert.equal(state.flags, 'gK');
    });
  }

  it('sends no letter at all where the server knows none of the missing', async () => {
    const { send, state } = server('K', { info: 'redis_version:7.0.0' });
    const report = await enableNotify(send, NODE, parseFlags('KS'));
    assert.deepEqual([state.flags, report.missing], ['K', 'S']);
  });

  it('reports a refused CONFIG SET with what is known', async () => {
    const report = await enableNotify(server('K', { refuse: 'CONFIG SET' }).send, NODE, KEYS);
    assert.deepEqual([report.flags, report.missing, report.error], ['K', 'g$', 'NOPERM CONFIG SET']);
    assert.match(report.hint!, /grant this user/);
  });

  it('changes nothing where CONFIG GET is refused', async () => {
    const { send, state } = server('K', { refuse: 'CONFIG GET' });
    assert.equal((await enableNotify(send, NODE, KEYS)).flags, undefined);
    assert.equal(state.flags, 'K');
  });

  it('goes on without INFO', async () => {
    const { send, state } = server('', { refuse: 'INFO' });
    await enableNotify(send, NODE, KEYS);
    assert.equal(state.flags, 'g$K');
  });
});
