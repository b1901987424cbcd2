import type { TestCluster } from '../cluster/test-cluster';
import { TcpProxy } from '../proxy/tcp-proxy';
import type { Scenario } from './scenarios';

/** How the listeners of a scenario reach the nodes, and as whom. */
export interface Approach {
  /** For `Storm.begin`. */
  readonly doors: ReadonlyMap<string, TcpProxy>;
  /** For createCluster() of whoever listens. */
  readonly options: {
    readonly nodeAddressMap?: (address: string) => { host: string; port: number } | undefined;
    readonly defaults?: { readonly username: string; readonly password: string };
  };
  close(): Promise<void>;
}

/** Makes the user and opens the doors that a scenario wants. */
export async function openApproach(
  { nodes }: TestCluster,
  { doors: wantsDoors, user }: Pick<Scenario, 'doors' | 'user'>
): Promise<Approach> {
  if (user) {
    const rules = ['reset', 'on', 'nopass', '~*', '&*', '+@all'];
    await Promise.all(nodes.map(node => node.command('ACL', 'SETUSER', user, ...rules)));
  }
  const doors = new Map(
    await Promise.all((wantsDoors ? nodes : []).map(async node => [node.address, await TcpProxy.start(node)] as const))
  );
  const nodeAddressMap = (address: string) => {
    const door = doors.get(address);
    return door && { host: door.host, port: door.port };
  };
  return {
    doors,
    options: {
      ...(user ? { defaults: { username: user, password: 'any' } } : {}),
      ...(wantsDoors ? { nodeAddressMap } : {})
    },
    async close() {
      await Promise.all([...doors.values()].map(door => door.stop()));
    }
  };
}
