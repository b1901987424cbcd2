import {
  KeyspaceArgumentError,
  KeyspaceRefusedError,
  KeyspaceTimeoutError,
  type IntendedSubscription
} from 'redis-keyspace';
import { ADVICE } from '../connection/advice';
import type { Contact } from '../connection/detect';
import { connect, createKeyspaceClient, type KeyspaceClient } from '../connection/keyspace-client';
import type { ConnectionSettings } from '../connection/settings';
import { reasonOf } from '../errors';
import { number, plural } from '../text/format';
import type { Wants } from '../wants';
import type { Finding } from './finding';

/**
 * Subscribes as an application would, with its client, and ends it again.
 * @throws {KeyspaceArgumentError} what is wanted makes no sense for these servers, such as a database that they lack.
 */
export async function trySubscription(contact: Contact, wants: Wants, settings: ConnectionSettings): Promise<Finding> {
  const client = createKeyspaceClient(contact, settings, { notifyKeyspaceEvents: 'ignore' });
  try {
    await connect(client, contact, settings);
    const nodes = new Set<string>();
    let slots = Infinity;
    for (const intended of wants.intended) {
      const { coverage } = await subscribe(client, intended);
      coverage.nodes.forEach(node => nodes.add(node));
      slots = Math.min(slots, coverage.slots);
    }
    const covered = contact.kind === 'cluster' ? `, ${number(slots)} slots` : '';
    return {
      level: 'ok',
      check: 'subscription',
      message: `confirmed by ${plural(nodes.size, 'primary', 'primaries')}${covered}: ${wants.channels.map(({ name }) => name).join(', ')}`,
      details: { nodes: [...nodes], slots, channels: wants.channels }
    };
  } catch (error) {
    if (error instanceof KeyspaceArgumentError) throw error;
    const [message, advice] = reasonOf(error).split(ADVICE);
    return { level: 'problem', check: 'subscription', message, remedy: advice ?? remedyFor(error) };
  } finally {
    client.destroy();
  }
}

function subscribe(client: KeyspaceClient, { kind, target = '*', event = '*', options }: IntendedSubscription) {
  const listener = () => undefined;
  switch (kind) {
    case 'keyevent':
      return client.subscribeKeyevent(event, listener, options);
    case 'subkeyspace':
      return client.subscribeSubkeyspace(target, listener, options);
    case 'subkeyevent':
      return client.subscribeSubkeyevent(event, listener, options);
    default:
      return client.subscribeKeyspace(target, listener, options);
  }
}

function remedyFor(error: unknown): string {
  if (error instanceof KeyspaceRefusedError) return `grant '${error.rule}' on every node: see "access" above`;
  if (error instanceof KeyspaceTimeoutError) return 'a subscription waits for every primary: see "nodes" above';
  return 'see "nodes" and "access" above';
}
