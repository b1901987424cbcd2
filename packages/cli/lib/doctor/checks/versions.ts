import { isSince, type Since } from 'redis-keyspace';
import type { Fleet } from '../../fleet/fleet';
import { listed } from '../../text/format';
import type { NodeFacts } from '../facts';
import type { Finding } from '../finding';
import type { Wants } from '../../wants';

interface Capability {
  readonly name: string;
  readonly text: string;
  /** undefined: whatever the version. */
  readonly since: readonly Since[];
  /** Of no use elsewhere. */
  readonly clusterOnly?: boolean;
}

/** What servers differ in, as far as it matters here. */
const CAPABILITIES: readonly Capability[] = [
  { name: 'canaries', text: 'canaries', since: [{ redis: '7.0', valkey: '7.2' }], clusterOnly: true },
  {
    name: 'announcedPromotions',
    text: 'announced promotions',
    since: [{ redis: '7.2.6', valkey: '7.2.5' }],
    clusterOnly: true
  },
  { name: 'atomicMoves', text: 'atomic moves of slots', since: [{ redis: '8.4', valkey: '9.0' }], clusterOnly: true },
  { name: 'fieldExpiry', text: "expiry of hashes' fields", since: [{ redis: '7.4', valkey: '9.0' }] },
  { name: 'subkeys', text: 'subkeys', since: [{ redis: '8.8' }] }
];

/** Which server each node is, and what it can. */
export function checkVersions(fleet: Fleet, facts: readonly NodeFacts[], wants: Wants): Finding[] {
  return facts.filter(({ error }) => error === undefined).map(fact => checkVersion(fleet, fact, wants));
}

function checkVersion(fleet: Fleet, { node, server, clusterDatabases }: NodeFacts, wants: Wants): Finding {
  const of = { check: 'versions', node } as const;
  if (!server) {
    const remedy = 'grant +info to be told what it can';
    return { ...of, level: 'info', message: 'does not tell its version', remedy };
  }
  const considered = CAPABILITIES.filter(({ clusterOnly }) => !clusterOnly || fleet.kind === 'cluster');
  const can = new Map(considered.map(({ name, since }) => [name, since.some(one => isSince(server, one))] as const));
  if (fleet.kind === 'cluster') can.set('severalDatabases', (clusterDatabases ?? 1) > 1);
  const names = (wanted: boolean) => [
    ...considered.filter(({ name }) => can.get(name) === wanted).map(({ text }) => text),
    ...(can.get('severalDatabases') === wanted ? [databasesText(clusterDatabases, wanted)] : [])
  ];
  const has = names(true).length ? `: has ${listed(names(true))}` : '';
  const lacks = names(false).length ? `${has ? '; ' : ': '}no ${names(false).join(', no ')}` : '';
  const wantsSubkeys = wants.intended.some(({ kind }) => kind.startsWith('subkey'));
  const isTooOld = wantsSubkeys && !can.get('subkeys');
  return {
    ...of,
    level: isTooOld ? 'problem' : 'ok',
    message: `${server.label}${has}${lacks}`,
    remedy: isTooOld ? 'subkeys take Redis 8.8: an older server accepts the subscription and stays silent' : undefined,
    details: { product: server.product, version: server.version, ...Object.fromEntries(can) }
  };
}

function databasesText(databases: number | undefined, several: boolean): string {
  return several ? `${databases} databases` : 'other database than 0';
}
