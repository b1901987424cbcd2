import {
  ClientClosedError,
  keyPrefixOf,
  sentinelNodeOptions,
  sentinelOptions,
  type UpstreamSentinel
} from '../../upstream';
import type { Front } from '../front';
import { openConnection } from '../nodes/connection';
import { singleTopology } from '../plan/topology';
import { addressOf, askOnce, openForScan } from './dedicated';

/** Sentinel: one shard, whose primary is whom upstream, told by the sentinels, has as its own. */
export function sentinelFront(sentinel: UpstreamSentinel): Front {
  const options = sentinelOptions(sentinel);
  const nodeOptions = (host: string, port: number) => sentinelNodeOptions(options, host, port);
  return {
    kind: 'sentinel',
    keyPrefix: keyPrefixOf(sentinel),
    defaultDatabase: options.nodeClientOptions?.database ?? 0,
    assertOpen: () => {
      if (!sentinel.isOpen) throw new ClientClosedError();
    },
    prepare: () => Promise.resolve(),
    connect: (node, handler, signal) => openConnection(nodeOptions(node.host, node.port), handler, signal),
    ask: (node, use) => askOnce(nodeOptions(node.host, node.port), use),
    openForScan: (node, signal, timeout) => openForScan(nodeOptions(node.host, node.port), timeout, signal),
    look: async ({ current, nodes }) => {
      const primary = sentinel.getMasterNode();
      // Between two primaries: what is known stays until there is a new one.
      if (!primary) return undefined;
      const { address } = addressOf(primary.host, primary.port);
      const asked = nodes.get(address);
      if (asked?.state !== 'ready')
        return current?.nodes.get(address)?.role === 'primary'
          ? current
          : singleTopology(addressOf(primary.host, primary.port));
      const replicas = await replicasOf(asked.command<RoleReply>(['ROLE']));
      // A demoted primary that upstream has not let go yet.
      if (!replicas) return current;
      return singleTopology(addressOf(primary.host, primary.port), replicas);
    },
    watch: hint => {
      sentinel.on('topology-change', hint);
      return () => sentinel.off('topology-change', hint);
    },
    reportError: error => (sentinel as unknown as NodeJS.EventEmitter).emit('error', error)
  };
}

type RoleReply = readonly [
  role: string,
  offset: number,
  replicas: readonly (readonly [host: string, port: string, offset: string])[]
];

/** @returns undefined when it says that it is no primary. */
async function replicasOf(role: Promise<RoleReply>) {
  const [name, , replicas] = await role;
  if (name !== 'master') return undefined;
  return replicas.map(([host, port]) => addressOf(host, Number(port)));
}
