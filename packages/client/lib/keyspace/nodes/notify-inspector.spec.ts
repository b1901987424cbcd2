import assert from 'node:assert/strict';
import { ErrorReply } from '../../upstream';
import type { Subscription } from '../delivery/subscription';
import type { NotifyMode } from '../options';
import { singleTopology } from '../plan/topology';
import { parseCall } from '../subscribe-call';
import type { Node } from './handover';
import type { SendCommand } from './notify-config';
import { NotifyInspector, type KeyspaceWarning } from './notify-inspector';

/** A primary and a replica with their settings, and an inspector that looks after them. */
function make(mode: NotifyMode, flags: Record<string, string | Error> = {}) {
  const warnings: KeyspaceWarning[] = [];
  const settings: Record<string, string | Error> = { 'h:1': '', 'h:2': '', ...flags };
  const asked: string[] = [];
  const sendTo =
    (address: string): SendCommand =>
    args => {
      const [command, sub] = args;
      asked.push(`${address} ${command} ${sub}`);
      const flagsThere = settings[address];
      if (flagsThere instanceof Error) return Promise.reject(flagsThere);
      if (command === 'INFO') return Promise.resolve('redis_version:8.0.0');
      if (sub === 'SET') settings[address] = args[3];
      return Promise.resolve({ 'notify-keyspace-events': settings[address] });
    };
  const topology = singleTopology({ host: 'h', port: 1, address: 'h:1' }, [{ host: 'h', port: 2, address: 'h:2' }]);
  const primary = {
    node: topology.primaries[0],
    address: 'h:1',
    state: 'ready',
    command: sendTo('h:1')
  } as unknown as Node;
  const down = new Set<string>();
  const inspector = new NotifyInspector(
    {
      ask: (node, use) =>
        down.has(node.address) ? Promise.reject(new Error('ECONNREFUSED')) : use(sendTo(node.address))
    },
    mode,
    warning => warnings.push(warning)
  );
  const subscriptions = new Set<Subscription>();
  const subscribe = (event: string) => {
    const settingsOf = parseCall('keyevent', { event }, [], { defaultDatabase: 0, keyPrefix: Buffer.alloc(0) });
    subscriptions.add({ settings: settingsOf } as Subscription);
  };
  const inspected = { nodes: new Map([['h:1', primary]]), topology, subscriptions };
  return { inspector, warnings, settings, asked, inspected, primary, subscribe, down };
}

describe('notify inspector', () => {
  it('warns once for each node and missing class, with the command that helps', async () => {
    const { inspector, warnings, inspected, primary, subscribe } = make('check');
    subscribe('set');
    await inspector.onConnected(primary, inspected);
    await inspector.onConnected(primary, inspected);
    assert.deepEqual(
      warnings.map(({ code, node, report }) => [code, node, report.missing]),
      [['KEYSPACE_NOTIFICATIONS_OFF', 'h:1', '$E']]
    );
    assert.match(warnings[0].message, /^h:1 \(primary\) will not say all .* is "" and lacks "\$E"; run: redis-cli/);
    subscribe('expired');
    await inspector.onConnected(primary, inspected);
    assert.deepEqual(
      warnings.map(({ report }) => report.missing),
      ['$E', '$xE']
    );
  });

  it('warns of replicas too, since they may be promoted', async () => {
    const { inspector, warnings, inspected, subscribe } = make('check', { 'h:1': 'AKE' });
    subscribe('set');
    await inspector.onSubscribed(inspected);
    await inspector.onTopology(inspected.topology, inspected);
    assert.deepEqual(
      warnings.map(({ node }) => node),
      ['h:2']
    );
  });

  it('does not ask again what it knows, but after a reconnection', async () => {
    const { inspector, asked, inspected, primary, subscribe } = make('check', { 'h:1': 'AKE', 'h:2': 'AKE' });
    subscribe('set');
    await inspector.onConnected(primary, inspected);
    const once = asked.length;
    await inspector.onSubscribed({ ...inspected, topology: undefined });
    assert.equal(asked.length, once);
    await inspector.onConnected(primary, inspected);
    assert.equal(asked.length, 2 * once);
  });

  it('calls a refused CONFIG unknown, once, and fails nothing', async () => {
    const { inspector, warnings, inspected, primary, subscribe } = make('check', {
      'h:1': new ErrorReply('NOPERM no')
    });
    subscribe('set');
    await inspector.onConnected(primary, inspected);
    await inspector.onConnected(primary, inspected);
    assert.deepEqual(
      warnings.map(({ code }) => code),
      ['KEYSPACE_NOTIFICATIONS_UNKNOWN']
    );
    assert.match(warnings[0].message, /It said: NOPERM no/);
  });

  it('warns of nothing when the connection ends while it is asked', async () => {
    const { inspector, warnings, inspected, primary, subscribe } = make('check', { 'h:1': new Error('Socket closed') });
    subscribe('set');
    await inspector.onConnected(primary, inspected).catch(() => undefined);
    assert.deepEqual(warnings, []);
  });

  it('enables what is missing, replicas included, and warns of nothing', async () => {
    const { inspector, warnings, settings, inspected, primary, subscribe } = make('enable', { 'h:1': 'K' });
    subscribe('set');
    await inspector.onConnected(primary, inspected);
    await inspector.onSubscribed(inspected);
    assert.deepEqual([settings, warnings], [{ 'h:1': '$KE', 'h:2': '$E' }, []]);
  });

  it('sends nothing with ignore', async () => {
    const { inspector, asked, inspected, primary, subscribe } = make('ignore');
    subscribe('set');
    await inspector.onConnected(primary, inspected);
    await inspector.onSubscribed(inspected);
    assert.deepEqual(asked, []);
  });

  it('asks a replica that was down when it is seen again', async () => {
    const { inspector, warnings, inspected, subscribe, down } = make('check', { 'h:1': 'AKE' });
    subscribe('set');
    down.add('h:2');
    await inspector.onTopology(inspected.topology, inspected);
    assert.equal(warnings.length, 0);
    down.clear();
    await inspector.onTopology(inspected.topology, inspected);
    assert.equal(warnings.length, 1);
  });

  it('warns again after a reset', async () => {
    const { inspector, warnings, inspected, primary, subscribe } = make('check');
    subscribe('set');
    await inspector.onConnected(primary, inspected);
    inspector.reset();
    await inspector.onConnected(primary, inspected);
    assert.equal(warnings.length, 2);
  });

  it('reports every node when asked to, those that cannot be reached as unknown', async () => {
    const { inspector, inspected, settings, down } = make('ignore', { 'h:1': 'K' });
    const checked = await inspector.inspectAll(inspected.topology, inspected, 'check');
    assert.deepEqual(
      checked.map(({ node, role, required, missing }) => [node, role, required, missing]),
      [
        ['h:1', 'primary', 'AKE', 'AE'],
        ['h:2', 'replica', 'AKE', 'AKE']
      ]
    );
    down.add('h:2');
    const enabled = await inspector.inspectAll(inspected.topology, inspected, 'enable');
    assert.deepEqual(
      enabled.map(({ missing, error }) => [missing, error]),
      [
        ['', undefined],
        ['', 'ECONNREFUSED']
      ]
    );
    assert.equal(settings['h:1'], 'AKE');
    assert.deepEqual(await inspector.inspectAll(undefined, inspected, 'check'), []);
  });
});
