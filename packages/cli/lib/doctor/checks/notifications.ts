import {
  formatFlags,
  mergeFlags,
  missingFlags,
  parseFlags,
  unknownFlags,
  unsupportedFlags,
  type FlagSet
} from 'redis-keyspace';
import type { Fleet } from '../../fleet/fleet';
import { remedyWithConfig, remedyWithoutConfig, type Provider } from '../../fleet/provider';
import type { NodeFacts } from '../facts';
import type { Finding } from '../finding';
import type { Wants } from '../../wants';

/** Is everything on that is wanted, on each node, replicas included since they may be promoted? */
export function checkNotifications(
  fleet: Fleet,
  facts: readonly NodeFacts[],
  wants: Wants,
  provider: Provider
): Finding[] {
  return facts.filter(({ error }) => error === undefined).map(fact => checkNode(fleet, fact, wants, provider));
}

function checkNode(fleet: Fleet, fact: NodeFacts, { flags: wanted }: Wants, provider: Provider): Finding {
  const { node, notify, notifyError, server } = fact;
  const of = { check: 'notifications', node } as const;
  if (notify === undefined) {
    return {
      ...of,
      level: 'warning',
      message: `does not tell what is on: ${notifyError}`,
      remedy: remedyWithoutConfig(provider, wanted),
      details: { required: wanted, error: notifyError }
    };
  }
  const required = parseFlags(wanted);
  const actual = parseFlags(notify);
  const missing = missingFlags(required, actual, server?.accepted);
  const unknown = unknownFlags(required, actual);
  const details = { flags: notify, required: wanted, missing: formatFlags(missing), unknown: formatFlags(unknown) };
  const has = `notify-keyspace-events is "${notify}"`;
  if (missing.size) return { ...of, ...lacking(fleet, fact, has, required, missing), details };
  if (unknown.size) {
    const message = `${has}: servers do not show whether "${formatFlags(unknown)}" is on besides A`;
    return { ...of, level: 'info', message, remedy: remedyWithConfig(fleet, wanted), details };
  }
  return { ...of, level: 'ok', message: `${has}, needed is "${wanted}"`, details };
}

function lacking(
  fleet: Fleet,
  { notify = '', server }: NodeFacts,
  has: string,
  required: FlagSet,
  missing: FlagSet
): Pick<Finding, 'level' | 'message' | 'remedy'> {
  const impossible = server?.accepted ? unsupportedFlags(missing, server.accepted) : new Set<string>();
  const message = `${has} and lacks "${formatFlags(missing)}"`;
  if (impossible.size === missing.size) {
    const remedy = `${server?.label} does not know "${formatFlags(impossible)}": a newer version is needed`;
    return { level: 'problem', message, remedy };
  }
  const setting = mergeFlags(notify, required, { accepted: server?.accepted });
  return { level: 'problem', message, remedy: remedyWithConfig(fleet, setting) };
}
