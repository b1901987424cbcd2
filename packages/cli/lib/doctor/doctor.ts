import { contact, type Contact } from '../connection/detect';
import type { ConnectionSettings } from '../connection/settings';
import { discoverFleet } from '../fleet/discover';
import { primariesOf, type Fleet } from '../fleet/fleet';
import { providerOf } from '../fleet/provider';
import type { Interest } from '../interest-options';
import { unlessAborted } from '../unless-aborted';
import { wantsOf, withLetters, type Wants } from '../wants';
import { checkAccess } from './checks/access';
import { checkBuffers } from './checks/buffers';
import { checkCost } from './checks/cost';
import { checkExpiry } from './checks/expiry';
import { checkNodes } from './checks/nodes';
import { checkNotifications } from './checks/notifications';
import { checkVersions } from './checks/versions';
import { gatherFacts } from './facts';
import type { Finding } from './finding';
import { selfTest } from './self-test';
import { trySubscription } from './subscription';

export interface DoctorSettings {
  readonly connection: ConnectionSettings;
  readonly interest: Interest;
  /** What the self-test has to prove. @default all that the interest needs */
  readonly letters?: string;
  /** What the keys of the self-test begin with; undefined: nothing may be written. */
  readonly probePrefix: string | undefined;
}

/** All that was found, in order. */
export interface Diagnosis {
  readonly url: string;
  readonly fleet: Fleet;
  readonly wants: Wants;
  readonly findings: readonly Finding[];
}

/**
 * Examines every server, then proves delivery. Writes nothing but the probes of the self-test.
 * @throws {ConnectError} nobody answers.
 * @throws {InterruptedError} the signal came first; probes are gone.
 */
export async function diagnose(settings: DoctorSettings, signal: AbortSignal): Promise<Diagnosis> {
  const { connection, interest } = settings;
  const found = await unlessAborted(signal, () => contact(connection));
  try {
    const fleet = await unlessAborted(signal, () => discoverFleet(found));
    const wants = wantsOf(interest, { cluster: found.kind === 'cluster', database: connection.database });
    const findings = await examine(found, fleet, wants, settings, signal);
    return { url: found.url.shown, fleet, wants, findings };
  } finally {
    found.link[Symbol.dispose]();
  }
}

async function examine(
  found: Contact,
  fleet: Fleet,
  wants: Wants,
  { connection, interest, letters, probePrefix }: DoctorSettings,
  signal: AbortSignal
): Promise<Finding[]> {
  const facts = await unlessAborted(signal, () =>
    Promise.all(fleet.nodes.map(node => gatherFacts(node, fleet.kind, wants, connection)))
  );
  const provider = providerOf([...connection.urls, ...fleet.nodes].map(({ host }) => host));
  const subscription = await unlessAborted(signal, () => trySubscription(found, wants, connection));
  const reached = primariesOf(fleet).filter(node => facts.some(fact => fact.node === node && fact.error === undefined));
  const proven = letters === undefined ? wants : withLetters(wants, letters);
  const [database = 0] = Array.isArray(interest.databases)
    ? (interest.databases as readonly number[])
    : [connection.database];
  // Not to be broken off: it deletes its keys, and is short.
  const proofs =
    probePrefix === undefined
      ? [{ level: 'info', check: 'self-test', message: 'left out: --no-write' } as const]
      : await Promise.all(
          reached.map(node => selfTest(node, { fleet, wants: proven, connection, database, probePrefix }))
        );
  return [
    ...checkNodes(fleet, facts),
    ...checkVersions(fleet, facts, wants),
    ...checkNotifications(fleet, facts, wants, provider),
    ...checkCost(fleet, facts, wants),
    ...checkAccess(fleet, facts),
    ...checkBuffers(facts),
    ...checkExpiry(fleet, facts, wants),
    subscription,
    ...proofs
  ];
}
