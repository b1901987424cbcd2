import type { Fleet } from '../../fleet/fleet';
import { printable } from '../../text/format';
import { shellQuoted } from '../../text/shell';
import type { NodeFacts } from '../facts';
import type { Finding } from '../finding';

/** May this user do what the subscription does, on each node? Rights are per node. */
export function checkAccess({ nodes }: Fleet, facts: readonly NodeFacts[]): Finding[] {
  const where = nodes.length > 1 ? ', on every node' : '';
  return facts.filter(({ error }) => error === undefined).flatMap(fact => checkNode(fact, where));
}

function checkNode({ node, access, user = 'default' }: NodeFacts, where: string): Finding[] {
  const refused = access.filter(({ refusal }) => refusal !== undefined);
  if (!refused.length) {
    const message = `user ${user} may do all that is needed`;
    return [
      { level: 'ok', check: 'access', node, message, details: { user, allowed: access.map(({ action }) => action) } }
    ];
  }
  return [true, false].flatMap(needed => {
    const these = refused.filter(access => access.needed === needed);
    if (!these.length) return [];
    const rules = [...new Set(these.flatMap(({ rules }) => rules))];
    return [
      {
        level: needed ? 'problem' : 'warning',
        check: 'access',
        node,
        message: `user ${user} may not ${these.map(({ action }) => printable(action)).join(', nor ')}${needed ? '' : ': less is known, and more is told as a gap'}`,
        remedy: `ACL SETUSER ${shellQuoted(user)} ${rules.map(shellQuoted).join(' ')}${where}`,
        details: { user, refused: these.map(({ action, refusal }) => ({ action, refusal })), rules }
      } as const
    ];
  });
}
