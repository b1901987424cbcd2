import { ErrorReply } from '../../upstream';
import type { RoleTrail } from './role-trail';
import type { ScanWatch } from './scanner';
import { parseSlotView } from './slot-view';
import type { SlotTrail } from './slot-trail';

/** In a cluster: by the node's own line of CLUSTER NODES. */
export function watchSlots(trail: SlotTrail): ScanWatch {
  return {
    isTarget: trail.isTarget,
    wants: slot => trail.wants(slot),
    away: slot => trail.away(slot),
    look: async connection => trail.see(parseSlotView(String(await connection.send(['CLUSTER', 'NODES']))))
  };
}

/** Elsewhere: by ROLE, where the server allows it. */
export function watchRole(trail: RoleTrail): ScanWatch {
  return {
    isTarget: false,
    wants: slot => trail.wants(slot),
    away: () => undefined,
    look: async connection => {
      const role = await connection.send(['ROLE']).catch((error: unknown) => {
        if (error instanceof ErrorReply) return [];
        throw error;
      });
      const [name] = role as unknown[];
      trail.see(name === undefined ? undefined : String(name));
    }
  };
}
