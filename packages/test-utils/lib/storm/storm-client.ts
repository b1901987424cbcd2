import { createCluster } from '@redis/client';
import type { TestCluster } from '../cluster/test-cluster';

/**
 * A plain cluster client that suits writers: it says at once what it has not sent, and looks for the new primary as
 * soon as a node does not answer, so that a promoted replica is written to from its first moment.
 */
export function createStormClient(cluster: TestCluster) {
  const client = createCluster({
    rootNodes: cluster.rootNodes,
    topologyRefreshOnReconnectionAttemptStrategy: 100,
    defaults: {
      disableOfflineQueue: true,
      socket: { socketTimeout: 1_000, connectTimeout: 500, reconnectStrategy: 50 }
    }
  });
  return client.on('error', () => undefined);
}
