import { contact } from '../connection/detect';
import type { ConnectionSettings } from '../connection/settings';
import { InterruptedError } from '../errors';
import { discoverFleet } from '../fleet/discover';
import { providerOf } from '../fleet/provider';
import { changeNode, type ChangePlan, type NodeChange } from './change';

/**
 * Changes every node, replicas included, since they may be promoted.
 * @throws {ConnectError} nobody answers.
 */
export async function changeFleet(
  settings: ConnectionSettings,
  plan: ChangePlan,
  signal: AbortSignal
): Promise<readonly NodeChange[]> {
  const found = await contact(settings);
  try {
    const fleet = await discoverFleet(found);
    if (signal.aborted) throw new InterruptedError();
    const provider = providerOf([...settings.urls, ...fleet.nodes].map(({ host }) => host));
    return await Promise.all(fleet.nodes.map(node => changeNode(node, plan, settings, provider)));
  } finally {
    found.link[Symbol.dispose]();
  }
}
