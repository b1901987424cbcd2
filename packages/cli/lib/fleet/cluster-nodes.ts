import type { Endpoint } from '../connection/link';
import { fleetNode, type FleetNode, type SlotRange } from './fleet';

/** The endpoint that clients are to use, by the node's id. */
export type PreferredEndpoints = ReadonlyMap<string, Endpoint>;

/**
 * The members that CLUSTER NODES names, dead ones included, at the addresses that clients are to use.
 * @param asked where this answer comes from: a node may not know its own address.
 */
export function parseClusterNodes(text: string, asked: Endpoint, preferred: PreferredEndpoints): FleetNode[] {
  return text
    .split('\n')
    .map(line => line.trim().split(' '))
    .filter(([, , flags]) => flags !== undefined && !/\b(noaddr|handshake)\b/.test(flags))
    .map(([id, place, flags, , , , , , ...slots]) => {
      const role = /\bmaster\b/.test(flags) ? 'primary' : 'replica';
      return fleetNode(preferred.get(id) ?? placeOf(place, asked), role, {
        slots: slots.filter(slot => !slot.startsWith('[')).map(rangeOf),
        movingSlots: new Set(slots.filter(slot => slot.startsWith('[')).map(slot => Number.parseInt(slot.slice(1), 10)))
      });
    });
}

/** `10.0.0.1:7000@17000,name`, also with an IPv6 address, or with none at all. */
function placeOf(place: string, asked: Endpoint): Endpoint {
  const [address] = place.split(/[@,]/, 1);
  const colon = address.lastIndexOf(':');
  return { host: address.slice(0, colon) || asked.host, port: Number(address.slice(colon + 1)) || asked.port };
}

function rangeOf(text: string): SlotRange {
  const [from, to = from] = text.split('-').map(Number);
  return [from, to];
}

/** CLUSTER SLOTS says by which name a node is to be called, which matters for TLS. */
export function parsePreferredEndpoints(reply: unknown): PreferredEndpoints {
  const nodes = (Array.isArray(reply) ? reply : []).flatMap(entry => (Array.isArray(entry) ? entry.slice(2) : []));
  return new Map(
    nodes.flatMap(node => {
      const [host, port, id] = node as readonly unknown[];
      return host && id ? [[String(id), { host: String(host), port: Number(port) }] as const] : [];
    })
  );
}
