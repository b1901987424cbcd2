import { adviceFor } from '../../connection/advice';
import { orphanedSlots, type Fleet } from '../../fleet/fleet';
import { slotList } from '../../text/format';
import type { NodeFacts } from '../facts';
import type { Finding } from '../finding';

/** Can every node be asked, is it what it is taken for, and has every slot an owner? */
export function checkNodes(fleet: Fleet, facts: readonly NodeFacts[]): Finding[] {
  const orphaned = orphanedSlots(fleet);
  const missing: Finding[] = orphaned.length
    ? [
        {
          level: 'problem',
          check: 'nodes',
          message: `${slotList(orphaned)} have no owner: no key in them can be written, nor heard of`,
          remedy: 'redis-cli --cluster fix repairs it',
          details: { orphanedSlots: orphaned }
        }
      ]
    : [];
  return [...missing, ...facts.map(fact => checkNode(fleet, fact))];
}

function checkNode(fleet: Fleet, { node, error, info }: NodeFacts): Finding {
  const of = { check: 'nodes', node } as const;
  if (error !== undefined) {
    // A single server tells the addresses of its replicas as it sees them itself, which may be for nobody else.
    const level = fleet.kind === 'standalone' && node.role === 'replica' ? 'warning' : 'problem';
    const remedy =
      'start it, or let the others forget it (CLUSTER FORGET); until then nobody knows whether it will notify when it is back';
    return {
      ...of,
      level,
      message: `cannot be asked: ${error}`,
      remedy:
        adviceFor(error) ?? (fleet.kind === 'cluster' ? remedy : 'start it, or make its address reachable from here')
    };
  }
  if (fleet.kind === 'standalone' && node.role === 'replica' && node.address === fleet.asked)
    return replicaFinding(node, info);
  if (info.get('master_link_status') === 'down') {
    return {
      ...of,
      level: 'warning',
      message: `has lost its primary ${info.get('master_host')}:${info.get('master_port')}: it misses writes`,
      remedy: 'see its log; promoted like this, it would have lost them'
    };
  }
  return { ...of, level: 'ok', message: 'reached', details: { role: node.role, slots: node.slots } };
}

function replicaFinding(node: NodeFacts['node'], info: NodeFacts['info']): Finding {
  return {
    level: 'warning',
    check: 'nodes',
    node,
    message: 'is a replica: it says "del" where its primary says "expired", and it cannot be written to',
    remedy: `connect to its primary, ${info.get('master_host')}:${info.get('master_port')}`
  };
}
