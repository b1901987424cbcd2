import { Command } from 'commander';
import { addConnectionOptions, connectionSettings } from '../../connection/settings';
import { diagnose } from '../../doctor/doctor';
import { PROBE_PREFIX } from '../../doctor/self-test';
import type { SelfTest } from '../../elasticache/verify';
import { GivenOptions } from '../../given-options';
import type { Io } from '../../io';

const EVERYTHING = { patterns: [], events: [], databases: undefined, subkeys: false } as const;

/**
 * The self-test of the doctor at an endpoint that AWS has named. User, password and certificates come from the
 * variables of the connection options (`KEYSPACE_PASSWORD`, …).
 */
export function doctorSelfTest(io: Io): SelfTest {
  return async (url, letters) => {
    const options = addConnectionOptions(new Command());
    const given = new GivenOptions(options, { ...io.env, KEYSPACE_URL: url });
    const connection = await connectionSettings(given, io);
    const settings = { connection, interest: EVERYTHING, letters, probePrefix: PROBE_PREFIX };
    const { findings } = await diagnose(settings, io.signal);
    const proofs = findings.filter(({ check }) => check === 'self-test' || check === 'subscription');
    const details = proofs.map(({ node, message }) => (node ? `${node.address}: ${message}` : message));
    return { passed: proofs.every(({ level }) => level === 'ok' || level === 'info'), details };
  };
}
