import type { Contact } from '../connection/detect';
import { ConnectError, reasonOf } from '../errors';
import type { Endpoint } from '../connection/link';
import { fieldsOf, infoOf } from '../connection/replies';
import { parseClusterNodes, parsePreferredEndpoints } from './cluster-nodes';
import { fleetNode, type Fleet, type FleetNode } from './fleet';

/**
 * Asks the server that was reached for all that belong to it, replicas and dead ones included.
 * @throws {ConnectError} it does not tell: it refuses, or is not what it was said to be.
 */
export async function discoverFleet(contact: Contact): Promise<Fleet> {
  const nodes = await DISCOVER[contact.kind](contact).catch((error: unknown) => {
    throw new ConnectError(`${contact.url.shown} does not tell what belongs to it: ${reasonOf(error)}`, {
      cause: error
    });
  });
  const byRole = (a: FleetNode, b: FleetNode) => a.role.localeCompare(b.role) || a.address.localeCompare(b.address);
  return { kind: contact.kind, asked: contact.link.address, nodes: [...nodes].sort(byRole) };
}

const DISCOVER: Record<Contact['kind'], (contact: Contact) => Promise<FleetNode[]>> = {
  async cluster({ link, url }) {
    const [nodes, slots] = await Promise.all([
      link.ask('CLUSTER', 'NODES'),
      link.ask('CLUSTER', 'SLOTS').catch(() => [])
    ]);
    return parseClusterNodes(String(nodes), url, parsePreferredEndpoints(slots));
  },

  async sentinel({ link, name }) {
    const [primary, replicas] = await Promise.all([
      link.ask('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', name!),
      link.ask('SENTINEL', 'REPLICAS', name!).catch(() => [])
    ]);
    if (!Array.isArray(primary)) throw new Error(`the Sentinel knows no address of ${name}`);
    return [
      fleetNode({ host: String(primary[0]), port: Number(primary[1]) }, 'primary'),
      ...(replicas as unknown[]).map(replica => fleetNode(endpointOf(fieldsOf(replica)), 'replica'))
    ];
  },

  async standalone({ link, url }) {
    const info = infoOf(await link.ask('INFO', 'replication').catch(() => ''));
    const upstream = info.get('master_host');
    if (info.get('role') === 'slave' && upstream) {
      const primary = { host: upstream, port: Number(info.get('master_port')) };
      return [fleetNode(url, 'replica'), fleetNode(primary, 'primary')];
    }
    const replicas = [...info].filter(([name]) => /^slave\d+$/.test(name));
    return [fleetNode(url, 'primary'), ...replicas.map(([, text]) => fleetNode(endpointIn(text), 'replica'))];
  }
};

function endpointOf(fields: ReadonlyMap<string, unknown>): Endpoint {
  return { host: String(fields.get('ip')), port: Number(fields.get('port')) };
}

/** `ip=10.0.0.2,port=6380,state=online,…` */
function endpointIn(text: string): Endpoint {
  return endpointOf(new Map(text.split(',').map(field => field.split('=', 2) as [string, string])));
}
