import { ErrorReply } from '../../upstream';
import type { Subscription } from '../delivery/subscription';
import type { NotifyMode } from '../options';
import type { Topology, TopologyNode } from '../plan/topology';
import { parseFlags, requiredFlags, type FlagSet } from '../protocol';
import type { Node } from './handover';
import {
  checkNotify,
  enableNotify,
  type NodeAsker,
  type NodeNotifyReport,
  type NotifyNode,
  type SendCommand
} from './notify-config';

/** Something is not as the subscriptions need it, and how to put it right. */
export interface KeyspaceWarning {
  /** A class is surely off, or the server does not tell. */
  readonly code: 'KEYSPACE_NOTIFICATIONS_OFF' | 'KEYSPACE_NOTIFICATIONS_UNKNOWN';
  /** What is wrong and how to put it right, with the command. */
  readonly message: string;
  /** `host:port` */
  readonly node: string;
  /** What was found, as `check()` would give it. */
  readonly report: NodeNotifyReport;
}

interface Inspected {
  readonly nodes: ReadonlyMap<string, Node>;
  readonly topology: Topology | undefined;
  readonly subscriptions: ReadonlySet<Subscription>;
}

/**
 * Looks after `notify-keyspace-events` on every node, as `notifyKeyspaceEvents` says: when a node is
 * connected, when a subscription needs more, when a replica is seen first (it may be promoted). Warns once
 * per node and missing class.
 */
export class NotifyInspector {
  readonly #asker: NodeAsker;
  readonly #mode: NotifyMode;
  readonly #warn: (warning: KeyspaceWarning) => void;
  /** Per node the letters that it is known to have on, or has been warned of. */
  readonly #settled = new Map<string, Set<string>>();

  constructor(asker: NodeAsker, mode: NotifyMode, warn: (warning: KeyspaceWarning) => void) {
    this.#asker = asker;
    this.#mode = mode;
    this.#warn = warn;
  }

  /** A new connection: the server may be new, or have been restarted without its setting. */
  async onConnected(node: Node, inspected: Inspected): Promise<void> {
    this.#settled.delete(`on ${node.address}`);
    await this.#look(node.node, inspected, args => node.command(args));
  }

  /** A new subscription may need classes that were not needed before. */
  async onSubscribed(inspected: Inspected): Promise<void> {
    const ready = [...inspected.nodes.values()].filter(node => node.state === 'ready');
    await Promise.all(ready.map(node => this.#look(node.node, inspected, args => node.command(args))));
    const replicas = this.onTopology(inspected.topology, inspected);
    // A warning can wait for a replica that is down, what was asked for cannot.
    if (this.#mode === 'enable') await replicas;
  }

  /** Replicas are nobody's subscribers: they are asked by a connection that lasts as long as the question. */
  async onTopology(topology: Topology | undefined, inspected: Inspected): Promise<void> {
    const nodes = [...(topology?.nodes.values() ?? [])];
    this.#forgetAbsent(nodes);
    const replicas = nodes.filter(node => node.role === 'replica');
    await Promise.all(replicas.map(replica => this.#askReplica(replica, inspected)));
  }

  /** Every node, whatever is known of it. */
  async inspectAll(
    topology: Topology | undefined,
    inspected: Inspected,
    mode: 'check' | 'enable'
  ): Promise<readonly NodeNotifyReport[]> {
    const required = requiredBy(inspected);
    const inspect = mode === 'enable' ? enableNotify : checkNotify;
    return Promise.all(
      [...(topology?.nodes.values() ?? [])].map(async target => {
        const node = inspected.nodes.get(target.id);
        if (node?.state === 'ready') return inspect(args => node.command(args), target, required);
        return this.#asker
          .ask(target, send => inspect(send, target, required))
          .catch((error: Error) => inspect(() => Promise.reject(error), target, required));
      })
    );
  }

  reset(): void {
    this.#settled.clear();
  }

  /** A node that was away may come back restarted, without its setting, and as a replica. */
  #forgetAbsent(nodes: readonly TopologyNode[]): void {
    const present = new Set(nodes.map(({ address }) => `on ${address}`));
    for (const key of this.#settled.keys()) if (key.startsWith('on ') && !present.has(key)) this.#settled.delete(key);
  }

  async #askReplica(replica: TopologyNode, inspected: Inspected): Promise<void> {
    if (this.#isSettled(replica, requiredBy(inspected))) return;
    // A replica that is down is asked when it is seen again.
    await this.#asker.ask(replica, send => this.#look(replica, inspected, send)).catch(() => undefined);
  }

  async #look(node: NotifyNode, inspected: Inspected, send: SendCommand): Promise<void> {
    if (this.#mode === 'ignore') return;
    const required = requiredBy(inspected);
    if (this.#isSettled(node, required)) return;
    let unanswered = false;
    const ask: SendCommand = args =>
      send(args).catch((error: Error) => {
        unanswered ||= !(error instanceof ErrorReply);
        throw error;
      });
    const report = await (this.#mode === 'enable' ? enableNotify : checkNotify)(ask, node, required);
    // The connection ended meanwhile, which says nothing of the server: the next one asks again.
    if (unanswered) return;
    this.#settle(`on ${node.address}`, [...required]);
    const told = this.#settled.get(`told ${node.address}`) ?? new Set();
    const news = report.flags === undefined ? ['unknown'] : [...report.missing];
    if (news.every(letter => told.has(letter))) return;
    this.#settle(`told ${node.address}`, news);
    this.#warn(warningOf(report));
  }

  #isSettled(node: NotifyNode, required: FlagSet): boolean {
    const settled = this.#settled.get(`on ${node.address}`);
    return this.#mode === 'ignore' || (settled !== undefined && [...required].every(letter => settled.has(letter)));
  }

  #settle(key: string, letters: readonly string[]): void {
    this.#settled.set(key, new Set([...(this.#settled.get(key) ?? []), ...letters]));
  }
}

/** All classes on both channels while nobody is subscribed. */
function requiredBy({ subscriptions }: Inspected): FlagSet {
  if (!subscriptions.size) return parseFlags('AKE');
  return requiredFlags(
    [...subscriptions].map(({ settings: { interest } }) => ({
      kind: interest.kind,
      events: interest.events?.map(({ part }) => ('literal' in part ? part.literal : part.glob).toString())
    }))
  );
}

function warningOf(report: NodeNotifyReport): KeyspaceWarning {
  const { node, role, flags, missing, hint } = report;
  if (flags === undefined) {
    return {
      code: 'KEYSPACE_NOTIFICATIONS_UNKNOWN',
      node,
      report,
      message: `${node} (${role}): ${hint}. It said: ${report.error}`
    };
  }
  const message = `${node} (${role}) will not say all that is subscribed: its notify-keyspace-events is "${flags}" and lacks "${missing}"; ${hint}`;
  return { code: 'KEYSPACE_NOTIFICATIONS_OFF', node, report, message };
}
