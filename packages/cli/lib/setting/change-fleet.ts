import { contact } from '../connection/detect';
import type { ConnectionSettings } from '../connection/settings';
import { discoverFleet } from '../fleet/discover';
import { providerOf } from '../fleet/provider';
import { unlessAborted } from '../unless-aborted';
import { changeNode, type ChangePlan, type NodeChange } from './change';

/**
 * Changes every node, replicas included, since they may be promoted.
 * @throws {ConnectError} nobody answers.
 * @throws {InterruptedError} the signal came before anything was changed.
 */
export async function changeFleet(
  settings: ConnectionSettings,
  plan: ChangePlan,
  signal: AbortSignal
): Promise<readonly NodeChange[]> {
  const found = await unlessAborted(signal, () => contact(settings));
  try {
    const fleet = await unlessAborted(signal, () => discoverFleet(found));
    const provider = providerOf([...settings.urls, ...fleet.nodes].map(({ host }) => host));
    return await Promise.all(fleet.nodes.map(node => changeNode(node, plan, settings, provider)));
  } finally {
    found.link[Symbol.dispose]();
  }
}
